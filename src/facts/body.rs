//! Bodies: expressions, patterns and statements of one function or initializer, in arenas. No syntax tree crosses this line.

use super::{Item, Name, Path, Type};
use crate::source::Span;
use serde::{Deserialize, Serialize};

/// Index into [`Body::expressions`]. Children come before their parent, so everything inside an expression has the ids
/// `body[id].first ..= id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExprId(pub u32);

/// Index into [`Body::patterns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatternId(pub u32);

/// The code of a function, closure-free initializer or array length: arenas and a root.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Items declared inside the body, in order; a [`Statement::Item`] points here. They come first: [`super::outline`] looks at the rest
    /// only where there are any.
    pub items: Vec<Item>,
    pub expressions: Vec<Expression>,
    pub patterns: Vec<Pattern>,
    pub root: ExprId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expression {
    pub kind: ExpressionKind,
    /// Of the whole expression. For the name of a called method see `MethodCall::name_span`.
    pub span: Span,
    /// The smallest id inside this expression (itself if it has no children).
    pub first: ExprId,
}

/// Parentheses and groups are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExpressionKind {
    Path(Path),
    Literal(Literal),
    Call {
        callee: ExprId,
        arguments: Vec<ExprId>,
    },
    MethodCall {
        receiver: ExprId,
        name: Name,
        name_span: Span,
        generics: Vec<Type>,
        arguments: Vec<ExprId>,
    },
    Field {
        base: ExprId,
        name: Name,
        name_span: Span,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    /// `!x`, `-x`.
    Unary(ExprId),
    Dereference(ExprId),
    Binary {
        operator: Operator,
        left: ExprId,
        right: ExprId,
    },
    /// `=` and compound assignments.
    Assign {
        left: ExprId,
        right: ExprId,
        compound: bool,
    },
    Cast {
        value: ExprId,
        ty: Type,
    },
    Reference {
        value: ExprId,
        mutable: bool,
    },
    Try(ExprId),
    Await(ExprId),
    Block {
        kind: BlockKind,
        statements: Vec<Statement>,
        tail: Option<ExprId>,
    },
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: Option<ExprId>,
    },
    /// `let PATTERN = value` inside a condition.
    Let {
        pattern: PatternId,
        value: ExprId,
    },
    Match {
        scrutinee: ExprId,
        arms: Vec<Arm>,
    },
    Loop {
        body: ExprId,
    },
    While {
        condition: ExprId,
        body: ExprId,
    },
    For {
        pattern: PatternId,
        iterable: ExprId,
        body: ExprId,
    },
    Closure {
        parameters: Vec<(PatternId, Option<Type>)>,
        returns: Option<Type>,
        body: ExprId,
        is_async: bool,
        is_move: bool,
    },
    Struct {
        path: Path,
        fields: Vec<(Name, Span, ExprId)>,
        rest: Option<ExprId>,
    },
    Tuple(Vec<ExprId>),
    Array(Vec<ExprId>),
    Repeat {
        value: ExprId,
        length: ExprId,
    },
    Range {
        from: Option<ExprId>,
        to: Option<ExprId>,
    },
    Return(Option<ExprId>),
    Break(Option<ExprId>),
    Continue,
    Yield(Option<ExprId>),
    Macro(Box<MacroCall>),
    /// Newer than this reader, or left out by it.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    Plain,
    Async,
    Unsafe,
    Const,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Literal {
    /// The value, with `value_start` the offset of its first byte in the file (after the opening quote).
    /// `raw`: value bytes and file bytes are the same, so offsets map one to one.
    Text {
        value: String,
        value_start: u32,
        raw: bool,
    },
    Bytes(Vec<u8>),
    Integer {
        value: Option<u128>,
        suffix: Name,
    },
    Float {
        text: String,
        suffix: Name,
    },
    Bool(bool),
    Char(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Bitwise,
    Shift,
    /// `==` and `!=`.
    Equality,
    /// `<`, `<=`, `>`, `>=`.
    Order,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arm {
    pub pattern: PatternId,
    pub guard: Option<ExprId>,
    pub body: ExprId,
    /// `cfg` and others on the arm.
    pub conditional: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Statement {
    Let {
        pattern: PatternId,
        ty: Option<Type>,
        value: Option<ExprId>,
        otherwise: Option<ExprId>,
        /// Text of a `#[cfg(..)]` on the statement.
        cfg: Option<std::sync::Arc<str>>,
        span: Span,
    },
    /// `semicolon`: its value is dropped.
    Expression { value: ExprId, semicolon: bool, cfg: Option<std::sync::Arc<str>> },
    /// Index into [`Body::items`].
    Item(u32),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PatternKind {
    /// `x`, `ref x`, `mut x`, `x @ sub`. May in truth be a constant or unit variant: resolve decides.
    Binding {
        name: Name,
        by_reference: bool,
        sub: Option<PatternId>,
    },
    Wild,
    Rest,
    Tuple(Vec<PatternId>),
    TupleStruct {
        path: Path,
        elements: Vec<PatternId>,
    },
    Struct {
        path: Path,
        fields: Vec<(Name, PatternId)>,
    },
    Path(Path),
    Or(Vec<PatternId>),
    Reference(PatternId),
    Slice(Vec<PatternId>),
    /// Literals, ranges, constants in blocks.
    Value(Vec<ExprId>),
    Unknown,
}

/// A macro call in expression, statement or pattern position.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MacroCall {
    pub path: Path,
    /// Of the last path segment.
    pub name_span: Span,
    /// Of what is between the delimiters.
    pub inner: Span,
    pub arguments: MacroArguments,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MacroArguments {
    /// Comma- or semicolon-separated expressions: `vec![a, b]`, `format!("..", x = y)`, `join!(a, b)`, `json!({..})` (values only).
    /// `name = value`, `name: value` and the `"key": value` of objects keep the name (of the innermost key). Inline `{name}` arguments of format strings are added as paths.
    Expressions(Vec<(Option<Name>, ExprId)>),
    /// `select!`-like arms: pattern, future, handler.
    Arms(Vec<SelectArm>),
    /// `matches!(value, pattern if guard)`, `assert_matches!`.
    Matches { value: ExprId, pattern: PatternId, guard: Option<ExprId> },
    /// Statements: `async_stream::stream! { .. }`, `cfg_if!`, `try_stream!`.
    Block(ExprId),
    /// A list of types or paths that are no expressions.
    Unread,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SelectArm {
    pub pattern: Option<PatternId>,
    pub future: ExprId,
    pub guard: Option<ExprId>,
    pub handler: Option<ExprId>,
}

impl std::ops::Index<ExprId> for Body {
    type Output = Expression;
    fn index(&self, id: ExprId) -> &Expression {
        &self.expressions[id.0 as usize]
    }
}

impl std::ops::Index<PatternId> for Body {
    type Output = Pattern;
    fn index(&self, id: PatternId) -> &Pattern {
        &self.patterns[id.0 as usize]
    }
}

impl Body {
    /// Every expression inside `id`, itself included, children before parents.
    pub fn inside(&self, id: ExprId) -> impl Iterator<Item = ExprId> + use<> {
        (self[id].first.0..=id.0).map(ExprId)
    }

    /// Whether `inner` is part of `outer` or the same.
    pub fn is_inside(&self, inner: ExprId, outer: ExprId) -> bool {
        self[outer].first <= inner && inner <= outer
    }
}
