//! The style of a workspace: whether its SQL stands apart from its handlers, so that an order of layers can be asked of it at all.

use crate::model::*;
use rustc_hash::FxHashSet;

/// In thirty surveyed backends both shares were either below 1% or above 47%.
const LAYERED: f64 = 0.10;
const SCRIPT_BESIDE: f64 = 0.25;
const SCRIPT_HANDLERS: f64 = 0.30;
const REPOSITORY_FUNCTIONS: usize = 5;
const FEW_HANDLERS: usize = 3;

/// Roles must be known.
pub(super) fn add(backend: &mut Backend, is_declared: bool) {
    let counts = Counts::of(backend);
    let (style, why) = if is_declared { (Style::Declared, "the configuration declares layers".to_string()) } else { counts.judge() };
    let layering = &mut backend.layering;
    layering.style = style;
    layering.why = format!("{why}{}", if is_declared { "" } else { &counts.figures });
    layering.sql_beside_handlers = counts.beside();
    layering.handlers_with_sql = counts.in_handlers();
    layering.sql_functions = counts.functions;
    layering.sql_in_repositories = counts.in_repositories;
    layering.handlers = counts.handlers;
}

#[derive(Default)]
struct Counts {
    functions: usize,
    beside_handlers: usize,
    in_repositories: usize,
    handlers: usize,
    handlers_with_queries: usize,
    unresolved_handlers: usize,
    figures: String,
}

impl Counts {
    fn of(backend: &Backend) -> Self {
        let served = || backend.routes.iter().filter(|route| route.context == Context::Production && !route.is_probe());
        let handlers: FxHashSet<FunctionId> = served().filter_map(|route| route.handler.function()).collect();
        let file = |id: FunctionId| backend.modules[backend.function(id).module.0 as usize].file;
        let files: FxHashSet<_> = handlers.iter().map(|id| file(*id)).collect();
        let functions = functions_with_queries(backend);
        let module_role = |id: &FunctionId| backend.layering.role_of(backend.function(*id).module);
        let mut counts = Self {
            functions: functions.len(),
            beside_handlers: functions.iter().filter(|id| files.contains(&file(**id))).count(),
            in_repositories: functions.iter().filter(|id| module_role(id) == Role::Repository).count(),
            handlers: handlers.len(),
            handlers_with_queries: handlers.intersection(&functions).count(),
            unresolved_handlers: served().filter(|route| matches!(route.handler, Handler::Unknown(_))).count(),
            figures: String::new(),
        };
        counts.figures = counts.figures();
        counts
    }

    fn figures(&self) -> String {
        format!(
            ": {} of {} functions with queries stand in a file with a handler, {} of {} handlers run queries themselves, {} functions with queries are in repositories",
            self.beside_handlers, self.functions, self.handlers_with_queries, self.handlers, self.in_repositories
        )
    }

    fn judge(&self) -> (Style, String) {
        if self.functions == 0 {
            return (Style::Unknown, "no queries were seen".into());
        }
        if self.handlers < FEW_HANDLERS {
            return (Style::Unknown, "too few handlers were seen".into());
        }
        if self.unresolved_handlers > self.handlers {
            return (Style::Unknown, "most handlers could not be resolved".into());
        }
        if self.beside() > SCRIPT_BESIDE || self.in_handlers() > SCRIPT_HANDLERS {
            return (Style::Script, "queries stand where requests are handled".into());
        }
        if self.beside() <= LAYERED && self.in_repositories >= REPOSITORY_FUNCTIONS {
            return (Style::Layered, "queries stand apart from handlers".into());
        }
        (Style::Mixed, "some queries stand apart from handlers, some beside them".into())
    }

    fn beside(&self) -> f64 {
        share(self.beside_handlers, self.functions)
    }

    fn in_handlers(&self) -> f64 {
        share(self.handlers_with_queries, self.handlers)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Functions on the way of requests that run queries; tools, migrations, tests and jobs follow other habits.
fn functions_with_queries(backend: &Backend) -> FxHashSet<FunctionId> {
    let telling = backend.data_accesses.iter().filter(|access| !access.control).map(|access| access.function);
    let judged = |id: &FunctionId| {
        let function = backend.function(*id);
        let job = function.role == Role::Job || backend.layering.role_of(function.module) == Role::Job;
        function.context == Context::Production && !job
    };
    telling.filter(judged).collect()
}

#[cfg(test)]
mod tests {
    use super::super::drawn::Drawn;
    use super::*;

    fn style(draw: impl FnOnce(&mut Drawn)) -> Style {
        let mut drawn = Drawn::layered(6);
        draw(&mut drawn);
        drawn.judged().layering.style
    }

    #[test]
    fn queries_apart_from_handlers_are_layered() {
        assert_eq!(style(|_| {}), Style::Layered);
    }

    #[test]
    fn handlers_that_run_their_own_queries_are_a_script() {
        assert_eq!(style(|drawn| (0..3).for_each(|at| drawn.query(FunctionId(at * 2)))), Style::Script);
    }

    #[test]
    fn one_handler_in_six_is_neither() {
        assert_eq!(style(|drawn| drawn.query(FunctionId(0))), Style::Mixed);
    }

    #[test]
    fn without_queries_nothing_is_known() {
        assert_eq!(style(|drawn| drawn.backend.data_accesses.clear()), Style::Unknown);
    }

    #[test]
    fn jobs_tools_and_control_statements_do_not_count() {
        let style = style(|drawn| {
            for at in 0..4 {
                let job = drawn.function(&format!("app::jobs::run_{at}"));
                drawn.query(job);
                let tool = drawn.function(&format!("app::handlers::tool_{at}"));
                drawn.query(tool);
                drawn.backend.functions[tool.0 as usize].context = Context::Tool;
                drawn.query(FunctionId(at * 2));
                drawn.backend.data_accesses.last_mut().expect("one was just pushed").control = true;
            }
        });
        assert_eq!(style, Style::Layered);
    }
}
