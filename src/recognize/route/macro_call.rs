//! Macros in composition: lists of routes, formatted texts, and those whose arguments alone are known.

use super::effect::Call;
use super::evaluate::{Evaluator, Frame, lookup, routing_of, text_of};
use super::text::Text;
use super::value::{Router, Value};
use crate::facts::{self, Body, ExprId, ExpressionKind, MacroArguments, Name};
use crate::knowledge::Routing;
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn macro_call(&mut self, frame: &mut Frame, body: &Body, id: ExprId, call: &facts::MacroCall) -> Value {
        let name = call.path.last().unwrap_or_default();
        if let Some(listed) = self.route_list(frame, body, id, call) {
            return listed;
        }
        if let Some(site) = self.inputs.call_at(frame.function, id)
            && let Some(routing) = routing_of(self.inputs.does(frame.function, site))
        {
            let path = crate::recognize::knows::external_path(&site.target, self.inputs.resolved).unwrap_or(name).to_string();
            if let (Routing::MountPairs { router, prefix, pairs }, MacroArguments::Expressions(arguments)) = (routing, &call.arguments) {
                return self.mount_pairs(frame, body, id, &path, arguments, [*router, *prefix, *pairs]);
            }
            return self.apply(frame, body, id, &path, routing, None, &[], Vec::new());
        }
        match &call.arguments {
            MacroArguments::Expressions(arguments) => match name {
                "format" | "concat" | "format_args" => self.format(frame, body, arguments, name),
                "vec" => Value::List(Rc::new(arguments.iter().map(|(_, id)| self.expression(frame, body, *id)).collect())),
                "panic" | "unreachable" | "todo" | "unimplemented" | "bail" => Value::Never,
                _ => {
                    let values: Vec<Value> = arguments.iter().map(|(_, id)| self.expression(frame, body, *id)).collect();
                    match name {
                        "join" | "try_join" => Value::Tuple(Rc::new(values)),
                        _ => self.unread(frame, id, format!("{name}!"), values),
                    }
                }
            },
            MacroArguments::Arms(arms) => {
                for arm in arms {
                    self.expression(frame, body, arm.future);
                    if let Some(handler) = arm.handler {
                        self.expression(frame, body, handler);
                    }
                }
                Value::opaque("a select")
            }
            MacroArguments::Block(block) => self.expression(frame, body, *block),
            MacroArguments::Matches { .. } => Value::opaque("a condition"),
            MacroArguments::Unread => Value::opaque(format!("macro `{name}!`")),
        }
    }

    /// `mount! { rocket, "/".to_owned(), settings, "/users" => users::routes() }`.
    fn mount_pairs(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        path: &str,
        arguments: &[(Option<Name>, ExprId)],
        [router, prefix, pairs]: [usize; 3],
    ) -> Value {
        let ids: Vec<ExprId> = arguments.iter().map(|(_, id)| *id).collect();
        let values = self.all(frame, body, &ids);
        let call = Call { place: self.inputs.place_of(frame.function, id), path, ids: &ids, values, function: frame.function };
        let mut mounted = self.router(&call, call.values.get(router).cloned());
        let framework = mounted.framework.clone();
        let below = self.text(&call, prefix);
        for at in (pairs..call.values.len().saturating_sub(1)).step_by(2) {
            let under = below.join(&self.text(&call, at), &framework);
            let routes = match &call.values[at + 1] {
                Value::Tuple(values) => values.first().cloned().unwrap_or(Value::Nothing),
                routes => routes.clone(),
            };
            let words = self.words(frame.function, ids[at + 1]);
            self.merge_value(&call, &mut mounted, &routes, Some(&under), &words);
        }
        if let Some(variable) = ids.get(router) {
            self.write(frame, body, *variable, Value::Router(Rc::new(mounted)));
        }
        Value::Nothing
    }

    /// `routes![a, b]`: the functions named, with what their attributes say.
    pub(super) fn route_list(&mut self, frame: &mut Frame, body: &Body, id: ExprId, call: &facts::MacroCall) -> Option<Value> {
        let known = self.inputs.call_at(frame.function, id).and_then(|site| routing_of(self.inputs.does(frame.function, site)));
        let name = call.path.last().unwrap_or_default();
        let mut documented = name.ends_with("_spec");
        let framework = match known {
            Some(Routing::List { framework, documented: of_row }) => {
                documented |= of_row;
                framework.clone()
            }
            Some(_) => return None,
            // `#[macro_use] extern crate rocket` brings macros that no `use` names.
            None if name == "routes" || name.starts_with("openapi_get_routes") => "rocket".to_string(),
            None => return None,
        };
        let MacroArguments::Expressions(arguments) = &call.arguments else {
            return known.map(|_| Value::opaque(format!("macro `{name}!`")));
        };
        let mut router = Router::new("routes", &framework);
        for (_, argument) in arguments {
            match self.expression(frame, body, *argument) {
                Value::Function(function) => router.routes.extend(self.attribute_routes(function, &framework)),
                Value::External(_) | Value::Text(_) | Value::Nothing => {}
                _ => {
                    let what = format!("`{}` in `{name}!`", self.words(frame.function, *argument));
                    router.unknown.push(crate::model::Evidence::at(self.inputs.place_of(frame.function, *argument), what));
                }
            }
        }
        if known.is_none() && router.routes.is_empty() {
            return None;
        }
        let value = Value::Router(Rc::new(router));
        if documented {
            return Some(Value::Tuple(Rc::new(vec![value, Value::opaque("a specification")])));
        }
        Some(value)
    }

    pub(super) fn format(&mut self, frame: &mut Frame, body: &Body, arguments: &[(Option<Name>, ExprId)], name: &str) -> Value {
        let values: Vec<(Option<Name>, ExprId, Value)> =
            arguments.iter().map(|(key, id)| (key.clone(), *id, self.expression(frame, body, *id))).collect();
        if name == "concat" {
            let mut text = Text::default();
            values.iter().for_each(|(_, id, value)| text.push(&text_of(value, &self.words(frame.function, *id))));
            return Value::Text(text);
        }
        let Some((_, _, Value::Text(pattern))) = values.first() else { return Value::opaque("a formatted text") };
        let Some(pattern) = pattern.known() else { return Value::opaque("a formatted text") };
        let mut text = Text::default();
        let mut positional = values[1..].iter().filter(|(key, ..)| key.is_none());
        for piece in super::format::pieces(pattern) {
            match piece {
                super::format::Piece::Literal(literal) => text.push_literal(&literal),
                super::format::Piece::Next => match positional.next() {
                    Some((_, id, value)) => text.push(&text_of(value, &self.words(frame.function, *id))),
                    None => text.push(&Text::unknown("part")),
                },
                super::format::Piece::Named(name) => {
                    let named = values[1..].iter().find(|(key, id, _)| {
                        key.as_ref().is_some_and(|key| *key == name)
                            || matches!(&body[*id].kind, ExpressionKind::Path(path) if path.single().is_some_and(|one| *one == name))
                    });
                    let value =
                        named.map(|(.., value)| value.clone()).or_else(|| lookup(frame, &name).map(|slot| frame.locals[slot].1.clone()));
                    text.push(&value.map_or_else(|| Text::unknown(&name), |value| text_of(&value, &name)));
                }
            }
        }
        Value::Text(text)
    }
}
