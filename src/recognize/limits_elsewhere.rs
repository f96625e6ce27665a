//! Limits on requests that stand outside of the code: the configuration's word, and manifests of gateways beside the code.
//!
//! Such evidence can only answer a claim of absence, never make one.

use super::Inputs;
use crate::model::{Backend, Evidence, GatewayLimit};
use crate::source::Place;
use rayon::prelude::*;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    backend.limits_elsewhere.extend(declared(inputs));
    if !backend.routes.is_empty() && backend.limits_elsewhere.is_empty() {
        backend.limits_elsewhere.extend(in_manifests(inputs));
    }
    let answers =
        backend.limits_elsewhere.iter().map(|limit| format!("nothing is said about missing rate limits: {}", limit.evidence.what));
    backend.coverage.notes.extend(answers);
}

fn declared(inputs: &Inputs) -> Option<GatewayLimit> {
    let limit = inputs.declared.ratelimit.as_ref()?;
    let because = limit.because.as_ref().map_or(String::new(), |because| format!(": {because}"));
    let what = format!("the configuration says that a gateway limits requests{because}");
    let place = inputs.declared.file.map(|file| Place::new(file, limit.span));
    Some(GatewayLimit { evidence: Evidence { place, what } })
}

/// What limits requests in a gateway's own language, by a word of its manifests.
const LIMITERS: &[(&[&str], &str, &str)] = &[
    (&[".conf", ".template", ".tmpl", ".yaml", ".yml"], "limit_req zone=", "nginx"),
    (YAML, "nginx.ingress.kubernetes.io/limit-rps", "the nginx ingress"),
    (YAML, "nginx.ingress.kubernetes.io/limit-rpm", "the nginx ingress"),
    (YAML, "envoy.filters.http.local_ratelimit", "Envoy"),
    (YAML, "envoy.filters.http.ratelimit", "Envoy"),
    (YAML, "ratelimit.average", "Traefik"),
    (&[".yaml", ".yml", ".toml"], "rateLimit:", "Traefik"),
    (&[".toml"], ".rateLimit]", "Traefik"),
    (YAML, "name: rate-limiting", "Kong"),
    (YAML, "ThrottlingRateLimit", "the API gateway"),
    (&[".tf"], "throttling_rate_limit", "the API gateway"),
    (&[".tf"], "rate_based_statement", "the web application firewall"),
    (YAML, "RateBasedStatement", "the web application firewall"),
    (&["Caddyfile"], "rate_limit", "Caddy"),
    (&[".cfg"], "http_req_rate", "HAProxy"),
];
const YAML: &[&str] = &[".yaml", ".yml"];

fn in_manifests(inputs: &Inputs) -> Option<GatewayLimit> {
    let endings: Vec<&str> = LIMITERS.iter().flat_map(|(endings, ..)| endings.iter().copied()).collect();
    let is_manifest = |path: &&String| endings.iter().any(|ending| path.ends_with(ending)) && !is_an_example(path);
    inputs.files.par_iter().filter(is_manifest).find_map_first(|path| {
        let text = (inputs.read)(path)?;
        limit_in(path, &text).map(|what| GatewayLimit { evidence: Evidence { place: None, what } })
    })
}

pub(super) fn is_an_example(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "test" | "examples" | "fixtures" | ".github"))
}

fn limit_in(path: &str, text: &str) -> Option<String> {
    // Traefik's words are common ones, so its name has to stand in the file as well.
    let speaks = |gateway: &str| gateway != "Traefik" || text.contains("traefik");
    let of_this_file = |endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    let named = LIMITERS.iter().filter(|(endings, word, gateway)| of_this_file(endings) && text.contains(word) && speaks(gateway));
    let limiters: Vec<_> = named.collect();
    if limiters.is_empty() {
        return None;
    }
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with(['#', ';'])).find_map(|(at, line)| {
        let (_, word, gateway) = limiters.iter().find(|(_, word, _)| line.contains(word))?;
        Some(format!("{gateway} limits requests: `{word}` in {path}, line {}", at + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_manifest_tells_that_it_limits() {
        let nginx = "http {\n  limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;\n  # limit_req zone=one;\n  location / { limit_req zone=one burst=5; }\n}\n";
        assert_eq!(
            limit_in("deploy/nginx.conf", nginx).as_deref(),
            Some("nginx limits requests: `limit_req zone=` in deploy/nginx.conf, line 4")
        );
        let ingress = "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/limit-rps: \"5\"\n";
        assert!(limit_in("k8s/ingress.yaml", ingress).is_some());
    }

    #[test]
    fn a_zone_alone_a_comment_and_another_language_limit_nothing() {
        assert_eq!(limit_in("nginx.conf", "limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;\n# limit_req zone=one;\n"), None);
        assert_eq!(limit_in("notes.tf", "limit_req zone=one;"), None);
    }
}
