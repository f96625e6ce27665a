//! Keys of indexes as PostgreSQL's catalogue prints them (`pg_get_indexdef`), with the casts that it puts in.

use super::data_type::canonical;
use super::expression::{column, folded, inner, last_name};
use crate::model::Table;
use rustc_hash::FxHashMap;
use sqlparser::ast::{self, Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// Types of the arguments of functions that migrations define, by their names.
pub(super) type Signatures = FxHashMap<String, Vec<String>>;

/// Functions that take text and nothing else.
const OF_TEXT: &[&str] = &["lower", "upper", "btrim", "ltrim", "rtrim", "md5", "length", "char_length", "reverse", "initcap", "replace"];

/// `None` for a plain column, and for what is not known to be printed otherwise than it was written.
pub(super) fn printed(expr: &Expr, table: &Table, signatures: &Signatures) -> Option<String> {
    let expr = inner(expr);
    if column(expr).is_some() {
        return None;
    }
    let text = Printer { table, signatures }.text(expr)?;
    // Whatever is no call of a function is put in parentheses once more.
    Some(if matches!(expr, Expr::Function(_)) { text } else { format!("({text})") })
}

struct Printer<'a> {
    table: &'a Table,
    signatures: &'a Signatures,
}

impl Printer<'_> {
    fn text(&self, expr: &Expr) -> Option<String> {
        match inner(expr) {
            Expr::Identifier(ident) => Some(folded(ident)),
            Expr::Value(value) => match &value.value {
                ast::Value::SingleQuotedString(_) => Some(format!("{value}::text")),
                ast::Value::Number(..) => Some(value.to_string()),
                _ => None,
            },
            Expr::BinaryOp { left, op, right } => {
                // Only `||` wants text on both sides.
                let wanted = (*op == ast::BinaryOperator::StringConcat).then_some("text");
                Some(format!("({} {op} {})", self.argument(left, wanted)?, self.argument(right, wanted)?))
            }
            Expr::Function(function) => self.call(function),
            Expr::Cast { expr, data_type, .. } => Some(format!("({})::{}", self.text(expr)?, canonical(&data_type.to_string()).0)),
            _ => None,
        }
    }

    fn call(&self, function: &ast::Function) -> Option<String> {
        let FunctionArguments::List(list) = &function.args else { return None };
        let name = last_name(&function.name);
        let declared = self.signatures.get(&name);
        let wanted = |at: usize| match declared {
            Some(types) => types.get(at).map(String::as_str),
            None => OF_TEXT.contains(&name.as_str()).then_some("text"),
        };
        let mut arguments = Vec::new();
        for (at, argument) in list.args.iter().enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument else { return None };
            arguments.push(self.argument(expr, wanted(at))?);
        }
        Some(format!("{name}({})", arguments.join(", ")))
    }

    /// Text is cast where a function wants another kind of text.
    fn argument(&self, expr: &Expr, wanted: Option<&str>) -> Option<String> {
        let text = self.text(expr)?;
        let own = column(expr).and_then(|column| self.table.column(&column.name)).map(|column| canonical(&column.data_type).0);
        let is_text = |name: &str| ["text", "character varying"].contains(&name);
        match (own, wanted) {
            (Some(own), Some(wanted)) if own != wanted && is_text(&own) && is_text(wanted) => Some(format!("({text})::{wanted}")),
            _ => Some(text),
        }
    }
}
