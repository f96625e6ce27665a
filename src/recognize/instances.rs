//! How many copies of the server run at the same time: by the configuration's word, or by manifests that name it.
//!
//! A manifest counts only where its image or service goes by the name of a package that serves: the three copies of somebody's cache say
//! nothing about this code.

use super::Inputs;
use crate::model::{Backend, Context, Evidence, Instances};
use crate::source::Place;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    backend.instances = declared(inputs).or_else(|| in_manifests(inputs, backend));
}

fn declared(inputs: &Inputs) -> Option<Instances> {
    let (count, span) = inputs.declared.instances?;
    let place = inputs.declared.file.map(|file| Place::new(file, span));
    Some(Instances {
        count,
        evidence: Evidence { place, what: format!("the configuration says that {count} instances run at the same time") },
    })
}

fn in_manifests(inputs: &Inputs, backend: &Backend) -> Option<Instances> {
    // Who keeps nothing in the process does not ask, nor who has no pool of a known size.
    let has_a_pool = || backend.resources.iter().filter_map(|one| one.limits.as_ref()).any(|limits| limits.max.number().is_some());
    if backend.cache_fills.iter().all(|fill| fill.remote) && !has_a_pool() {
        return None;
    }
    let serving = backend.servers.iter().filter(|server| server.context == Context::Production);
    let names: Vec<String> = serving.map(|server| plain(&backend.packages[server.package.0 as usize].name)).collect();
    let is_manifest = |path: &&String| (path.ends_with(".yaml") || path.ends_with(".yml")) && !super::limits_elsewhere::is_an_example(path);
    inputs.files.iter().filter(is_manifest).find_map(|path| {
        let text = (inputs.read)(path)?;
        let (count, line) = replicas_in(&text, &names)?;
        let what = format!("{count} instances run at the same time: `replicas` in {path}, line {line}");
        Some(Instances { count, evidence: Evidence { place: None, what } })
    })
}

fn plain(name: &str) -> String {
    name.replace('_', "-")
}

/// The number of copies, and the line it stands in, of what goes by one of these names.
fn replicas_in(text: &str, names: &[String]) -> Option<(u32, usize)> {
    if !text.contains("replicas:") {
        return None;
    }
    let lines: Vec<&str> = text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim_end()).collect();
    let parts = if lines.contains(&"services:") { services(&lines) } else { documents(&lines) };
    parts.into_iter().find_map(|part| part.replicas.filter(|_| part.names.iter().any(|name| names.contains(name))))
}

#[derive(Default)]
struct Part {
    names: Vec<String>,
    replicas: Option<(u32, usize)>,
}

/// Deployments of Kubernetes: one to a document.
fn documents(lines: &[&str]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut first = 0;
    for document in lines.split(|line| *line == "---") {
        // `replicas` of anything else is no number of copies.
        if document.iter().any(|line| matches!(*line, "kind: Deployment" | "kind: StatefulSet")) {
            let mut part = Part::default();
            document.iter().enumerate().for_each(|(at, line)| note(&mut part, line, first + at));
            parts.push(part);
        }
        first += document.len() + 1;
    }
    parts
}

/// Services of a compose file: by their names, two spaces in.
fn services(lines: &[&str]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if indent == 2 && line.ends_with(':') {
            parts.push(Part { names: vec![plain(line.trim().trim_end_matches(':'))], replicas: None });
        } else if let Some(part) = parts.last_mut() {
            note(part, line, at);
        }
    }
    parts
}

fn note(part: &mut Part, line: &str, at: usize) {
    let line = line.trim_start().trim_start_matches("- ");
    if let Some(image) = line.strip_prefix("image:") {
        let image = image.trim().trim_matches(['"', '\'']);
        let name = image.rsplit('/').next().unwrap_or(image);
        part.names.push(plain(name.split([':', '@']).next().unwrap_or(name)));
    }
    if let Some(count) = line.strip_prefix("replicas:").and_then(|count| count.trim().parse().ok()) {
        part.replicas = Some((count, at + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENTS: &str = "kind: Service
---
kind: Deployment
metadata: { name: redis }
spec:
  replicas: 5
  template:
    spec:
      containers:
        - image: redis:7
---
kind: Deployment
spec:
  replicas: 3 # at night 2
  template:
    spec:
      containers:
        - image: \"registry/shop/order-api:v1@sha256:00\"
";

    fn of(text: &str, name: &str) -> Option<(u32, usize)> {
        replicas_in(text, &[plain(name)])
    }

    #[test]
    fn the_deployment_of_an_image_that_goes_by_the_packages_name_tells_how_many_run() {
        assert_eq!(of(DEPLOYMENTS, "order_api"), Some((3, 14)));
        assert_eq!(of(DEPLOYMENTS, "redis"), Some((5, 6)));
        assert_eq!(of(DEPLOYMENTS, "other"), None);
        assert_eq!(of(&DEPLOYMENTS.replace("kind: Deployment", "kind: ReplicaBudget"), "order-api"), None);
        assert_eq!(of(&DEPLOYMENTS.replace("replicas: 3", "replicas: {{ .Values.count }}"), "order-api"), None);
    }

    #[test]
    fn a_service_of_a_compose_file_is_known_by_its_name_or_its_image() {
        let compose = "services:\n  web:\n    image: order-api\n    deploy:\n      replicas: 2\n  cache:\n    deploy:\n      replicas: 4\n";
        assert_eq!(of(compose, "order_api"), Some((2, 5)));
        assert_eq!(of(compose, "cache"), Some((4, 8)));
        assert_eq!(of(compose, "db"), None);
    }
}
