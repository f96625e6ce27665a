//! Circles between components: declared layers, features, packages. Plain modules are not components, for Rust's own are
//! circular by nature.

use super::declared::Standing;
use super::pattern::segments;
use super::selector::is_production;
use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// Folders whose children are features that should stand alone.
const FEATURE_ROOTS: &[&str] = &["features", "modules", "contexts", "domains", "bounded_contexts"];
const FEW_FEATURES: usize = 3;
const MOST_EXAMPLES: usize = 3;
/// Up to here the cheapest cut is found exactly; beyond it, greedily.
const EXACT: usize = 14;
const MANY: usize = 1_000_000;

/// `packages`: which package depends on which by its manifest, and whether only for tests.
pub(super) fn add(
    backend: &mut Backend,
    standings: &[Option<Standing>],
    architecture: &ArchitectureConfig,
    packages: &[(PackageId, PackageId, bool)],
) {
    let mut cycles = cycles("layer", edges(backend, &layers(standings, architecture)));
    cycles.extend(self::cycles("feature", edges(backend, &features(backend, standings))));
    cycles.extend(self::cycles("package", package_edges(backend, packages)));
    backend.layering.cycles = cycles;
}

/// By module, the component it belongs to.
type Components = Vec<Option<String>>;

/// Declared layers. Inferred ones that need each other are told by the dependencies that go upwards.
fn layers(standings: &[Option<Standing>], architecture: &ArchitectureConfig) -> Components {
    let declared = |standing: &Standing| {
        let name = &architecture.layers[standing.layer?].name;
        Some(standing.container.as_ref().map_or_else(|| name.clone(), |container| format!("{container}: {name}")))
    };
    standings.iter().map(|standing| standing.as_ref().and_then(declared)).collect()
}

/// Declared containers, or the children of a folder that is called after features.
fn features(backend: &Backend, standings: &[Option<Standing>]) -> Components {
    let declared: Components = standings.iter().map(|standing| standing.as_ref()?.container.clone()).collect();
    if declared.iter().any(Option::is_some) {
        return declared;
    }
    let shared = |at: usize| backend.layering.role_of(ModuleId(at as u32)) == Role::Shared;
    let found: Components =
        backend.modules.iter().enumerate().map(|(at, module)| feature_of(&module.path).filter(|_| !shared(at))).collect();
    let mut siblings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for feature in found.iter().flatten() {
        let (root, name) = feature.rsplit_once("::").unwrap_or(("", feature));
        siblings.entry(root).or_default().insert(name);
    }
    let enough = |feature: &String| siblings[feature.rsplit_once("::").map_or("", |(root, _)| root)].len() >= FEW_FEATURES;
    found.iter().map(|feature| feature.clone().filter(enough)).collect()
}

fn feature_of(path: &str) -> Option<String> {
    let path = segments(path);
    let root = path.iter().skip(1).position(|segment| FEATURE_ROOTS.contains(segment))? + 1;
    (path.len() > root + 1).then(|| path[..=root + 1].join("::"))
}

/// References between components in production code.
fn edges(backend: &Backend, components: &Components) -> Vec<CycleEdge> {
    let mut found: BTreeMap<(&str, &str), CycleEdge> = BTreeMap::new();
    for one in backend.dependencies.iter().filter(|one| !one.test && is_production(backend, one.from)) {
        let (Some(from), Some(to)) = (&components[one.from.0 as usize], &components[one.to.0 as usize]) else { continue };
        if from != to {
            let edge = found.entry((from, to)).or_insert_with(|| edge(from, to, false));
            edge.references += 1;
            if edge.examples.len() < MOST_EXAMPLES {
                edge.examples.push(Evidence::at(one.place, format!("`{}` uses `{}`", backend.modules[one.from.0 as usize].path, one.item)));
            }
        }
    }
    found.into_values().collect()
}

fn edge(from: &str, to: &str, dev: bool) -> CycleEdge {
    CycleEdge { from: from.into(), to: to.into(), references: 0, examples: Vec::new(), dev }
}

/// Cargo allows a circle between packages only through dev-dependencies.
fn package_edges(backend: &Backend, packages: &[(PackageId, PackageId, bool)]) -> Vec<CycleEdge> {
    let name = |package: PackageId| backend.packages[package.0 as usize].name.as_str();
    let mut found: BTreeMap<(PackageId, PackageId), CycleEdge> = BTreeMap::new();
    // What only tests need is a part of the tests, which stands around what it tests.
    let in_use: BTreeSet<PackageId> = packages.iter().filter(|(_, _, dev)| !dev).map(|(_, to, _)| *to).collect();
    for (from, to, dev) in packages.iter().filter(|(from, to, dev)| from != to && (!dev || in_use.contains(to))) {
        let edge = found.entry((*from, *to)).or_insert_with(|| edge(name(*from), name(*to), *dev));
        edge.dev &= *dev;
    }
    for one in &backend.dependencies {
        let package = |module: ModuleId| backend.modules[module.0 as usize].package;
        if let Some(edge) = found.get_mut(&(package(one.from), package(one.to))) {
            edge.references += 1;
            if edge.examples.len() < MOST_EXAMPLES {
                edge.examples.push(Evidence::at(one.place, format!("`{}` uses `{}`", backend.modules[one.from.0 as usize].path, one.item)));
            }
        }
    }
    // A dev-dependency that nothing is seen to use is no more than a line in a manifest.
    found.into_values().filter(|edge| !edge.dev || edge.references > 0).collect()
}

/// One cycle for each set of components that all reach each other.
fn cycles(kind: &'static str, edges: Vec<CycleEdge>) -> Vec<ComponentCycle> {
    let names: Vec<&str> =
        edges.iter().flat_map(|edge| [edge.from.as_str(), edge.to.as_str()]).collect::<BTreeSet<_>>().into_iter().collect();
    let at = |name: &str| names.binary_search(&name).expect("every edge's ends are among the names");
    let reach = closure(names.len(), edges.iter().map(|edge| (at(&edge.from), at(&edge.to))));
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (one, reached) in reach.iter().enumerate() {
        let members: Vec<usize> = (0..names.len()).filter(|other| reached[*other] && reach[*other][one]).collect();
        if members.len() > 1 && members.iter().all(|member| seen.insert(*member)) {
            let inside = |edge: &&CycleEdge| members.contains(&at(&edge.from)) && members.contains(&at(&edge.to));
            let components: Vec<String> = members.iter().map(|member| names[*member].to_string()).collect();
            let edges: Vec<CycleEdge> = edges.iter().filter(inside).cloned().collect();
            let cut = cheapest_cut(&components, &edges);
            found.push(ComponentCycle { kind, components, edges, cut });
        }
    }
    found
}

fn closure(count: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; count]; count];
    edges.for_each(|(from, to)| reach[from][to] = true);
    for middle in 0..count {
        let onward = reach[middle].clone();
        for row in reach.iter_mut().filter(|row| row[middle]) {
            row.iter_mut().zip(&onward).for_each(|(reached, more)| *reached |= more);
        }
    }
    reach
}

/// Edges that point backwards in the order that has the fewest references pointing backwards.
fn cheapest_cut(components: &[String], edges: &[CycleEdge]) -> Vec<usize> {
    let at = |name: &str| components.iter().position(|one| one == name).expect("edges of a cycle join its components");
    let ends: Vec<(usize, usize, usize)> = edges.iter().map(|edge| (at(&edge.from), at(&edge.to), cost(edge, edges))).collect();
    let order = if components.len() <= EXACT { best_order(components.len(), &ends) } else { greedy_order(components.len(), &ends) };
    let rank = |component: usize| order.iter().position(|one| *one == component).expect("every component is ranked");
    (0..edges.len()).filter(|edge| rank(ends[*edge].0) > rank(ends[*edge].1)).collect()
}

/// Between packages only dev-dependencies are cut: cargo sees to it that one of them closes every circle.
fn cost(edge: &CycleEdge, edges: &[CycleEdge]) -> usize {
    let kept = !edge.dev && edges.iter().any(|other| other.dev);
    if kept { MANY } else { edge.references.max(1) }
}

/// The order of least cost, by the best way to place each set of components first.
fn best_order(count: usize, edges: &[(usize, usize, usize)]) -> Vec<usize> {
    let mut weight = vec![vec![0usize; count]; count];
    edges.iter().for_each(|(from, to, cost)| weight[*from][*to] += cost);
    let mut best: Vec<(usize, usize)> = vec![(usize::MAX, 0); 1 << count];
    best[0] = (0, 0);
    for placed in 0..1usize << count {
        for next in (0..count).filter(|next| placed & (1 << next) == 0) {
            // Edges from `next` to what stands before it point backwards.
            let backwards: usize = (0..count).filter(|before| placed & (1 << before) != 0).map(|before| weight[next][before]).sum();
            let total = best[placed].0.saturating_add(backwards);
            let slot = &mut best[placed | (1 << next)];
            if total < slot.0 {
                *slot = (total, next);
            }
        }
    }
    let (mut order, mut left) = (Vec::new(), (1usize << count) - 1);
    while left != 0 {
        order.push(best[left].1);
        left &= !(1 << best[left].1);
    }
    order.reverse();
    order
}

/// Again and again the component with the greatest surplus of outgoing over incoming references.
fn greedy_order(count: usize, edges: &[(usize, usize, usize)]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..count).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let surplus = |component: usize| -> i64 {
            let inside = edges.iter().filter(|(from, to, _)| left.contains(from) && left.contains(to));
            inside.map(|(from, to, cost)| *cost as i64 * ((*from == component) as i64 - (*to == component) as i64)).sum()
        };
        let next =
            left.iter().copied().max_by_key(|component| (surplus(*component), std::cmp::Reverse(*component))).expect("some are left");
        left.remove(&next);
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(edges: &[(&str, &str, usize)]) -> Vec<CycleEdge> {
        let place = crate::source::Place::new(crate::source::FileId(0), Default::default());
        let edge = |(from, to, references): &(&str, &str, usize)| CycleEdge {
            from: from.to_string(),
            to: to.to_string(),
            references: *references,
            examples: vec![Evidence::at(place, "")],
            dev: false,
        };
        edges.iter().map(edge).collect()
    }

    fn cut(cycle: &ComponentCycle) -> Vec<(&str, &str)> {
        cycle.cut.iter().map(|at| (cycle.edges[*at].from.as_str(), cycle.edges[*at].to.as_str())).collect()
    }

    #[test]
    fn the_cheapest_reference_is_cut() {
        let found = cycles("layer", drawn(&[("a", "b", 9), ("b", "c", 7), ("c", "a", 2), ("c", "d", 1)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].components, ["a", "b", "c"]);
        assert_eq!(cut(&found[0]), [("c", "a")]);
    }

    #[test]
    fn what_only_tests_need_closes_no_circle() {
        let package = |name: &str, more: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}");
        let proto = package("proto", "[dev-dependencies]\nsupport = { path = \"../support\" }\n");
        let support = package("support", "[dependencies]\nproto = { path = \"../proto\" }\n");
        let server = package("server", "[dependencies]\nsupport = { path = \"../support\" }\n");
        let root = |members: &str| format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n");
        let count = |root: &str| {
            let fixture = [
                ("Cargo.toml", root),
                ("proto/Cargo.toml", &proto),
                ("proto/src/lib.rs", "pub struct Message;\n#[cfg(test)] mod tests { #[test] fn any() { support::any(); } }"),
                ("support/Cargo.toml", &support),
                ("support/src/lib.rs", "pub fn any() -> proto::Message { proto::Message }"),
                ("server/Cargo.toml", &server),
                ("server/src/main.rs", "fn main() { support::any(); }"),
            ];
            crate::testing::inspect(&fixture).layering.cycles.len()
        };
        assert_eq!(count(&root("\"proto\", \"support\"")), 0);
        assert_eq!(count(&root("\"proto\", \"support\", \"server\"")), 1, "a program needs it, too");
    }

    #[test]
    fn two_circles_that_share_nothing_are_two() {
        assert_eq!(cycles("layer", drawn(&[("a", "b", 1), ("b", "a", 2), ("c", "d", 1), ("d", "c", 3), ("b", "c", 1)])).len(), 2);
    }

    #[test]
    fn a_chain_is_no_circle() {
        assert!(cycles("layer", drawn(&[("a", "b", 1), ("b", "c", 1), ("a", "c", 1)])).is_empty());
    }

    #[test]
    fn many_components_are_cut_greedily_and_the_rest_has_no_circle() {
        let names: Vec<String> = (0..EXACT + 4).map(|at| format!("c{at:02}")).collect();
        let mut edges: Vec<(&str, &str, usize)> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str(), 5)).collect();
        edges.push((names[names.len() - 1].as_str(), names[0].as_str(), 1));
        let found = cycles("feature", drawn(&edges));
        assert_eq!(cut(&found[0]), [(names[names.len() - 1].as_str(), names[0].as_str())]);
    }

    #[test]
    fn a_feature_is_a_child_of_a_folder_of_features() {
        assert_eq!(feature_of("app::features::orders::db").as_deref(), Some("app::features::orders"));
        assert_eq!(feature_of("app::features"), None);
        assert_eq!(feature_of("features::orders"), None);
    }
}
