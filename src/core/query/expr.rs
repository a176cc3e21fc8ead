//! The expression tree of `where` and `having`.

/// An expression; `F` is a name when parsed and a field index when bound to a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<F = usize> {
    /// A constant.
    Literal(Literal),
    /// A field.
    Field(F),
    /// Not.
    Not(Box<Self>),
    /// All of two or more.
    And(Vec<Self>),
    /// Any of two or more.
    Or(Vec<Self>),
    /// A comparison. Bound trees have a field on the left where only one side is a field.
    Compare {
        /// Which.
        op: CompareOp,
        /// Left side.
        left: Box<Self>,
        /// Right side.
        right: Box<Self>,
    },
    /// `value [NOT] IN (…)`.
    In {
        /// What is looked up.
        value: Box<Self>,
        /// Where.
        list: Vec<Self>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `value [NOT] BETWEEN low AND high`, both ends included.
    Between {
        /// What is compared.
        value: Box<Self>,
        /// Least.
        low: Box<Self>,
        /// Greatest.
        high: Box<Self>,
        /// `NOT BETWEEN`.
        negated: bool,
    },
    /// `value [NOT] LIKE pattern [ESCAPE c]`, case-sensitive.
    Like {
        /// What is matched.
        value: Box<Self>,
        /// Pattern with `%` and `_`.
        pattern: Box<Self>,
        /// Character that takes their meaning from `%` and `_`.
        escape: Option<char>,
        /// `NOT LIKE`.
        negated: bool,
    },
    /// `value IS [NOT] NULL`.
    IsNull {
        /// What is tested.
        value: Box<Self>,
        /// `IS NOT NULL`.
        negated: bool,
    },
    /// Arithmetic.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// Left side.
        left: Box<Self>,
        /// Right side.
        right: Box<Self>,
    },
    /// Minus.
    Negate(Box<Self>),
    /// A function call.
    Call {
        /// Which.
        function: Function,
        /// Its arguments, as many as it takes.
        arguments: Vec<Self>,
    },
    /// `CAST(value AS type)`.
    Cast {
        /// What is converted.
        value: Box<Self>,
        /// Into which type.
        to: SqlType,
    },
    /// `EXTRACT(part FROM value)`.
    Extract {
        /// Which part.
        part: DatePart,
        /// Of which date.
        value: Box<Self>,
    },
    /// `CASE WHEN … THEN … ELSE … END`.
    Case {
        /// Conditions and results.
        branches: Vec<(Self, Self)>,
        /// Result when no condition holds.
        otherwise: Option<Box<Self>>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A decimal number.
    Float(f64),
    /// Text.
    Text(String),
    /// A date or timestamp, milliseconds since 1970 in UTC.
    Date(i64),
    /// A span of time.
    Interval(Interval),
    /// `CURRENT_TIMESTAMP`; bound trees have a [`Literal::Date`] in its place.
    Now,
    /// `CURRENT_DATE`; bound trees have a [`Literal::Date`] in its place.
    Today,
}

/// A span of time: `INTERVAL '3' MONTH`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Interval {
    /// Calendar months.
    pub months: i32,
    /// Milliseconds.
    pub milliseconds: i64,
}

/// A comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `<>` or `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// An arithmetic operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `||`
    Concat,
}

/// A type that `CAST` converts into.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SqlType {
    /// `INT`, `INTEGER`, `SMALLINT`, `BIGINT`
    Integer,
    /// `FLOAT`, `REAL`, `DOUBLE`, `NUMERIC`, `DECIMAL`
    Float,
    /// `CHAR`, `VARCHAR`, `NVARCHAR`, `TEXT`
    Text,
    /// `DATE`: the day
    Date,
    /// `TIMESTAMP`
    Timestamp,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DatePart {
    /// Year.
    Year,
    /// Month, from 1.
    Month,
    /// Day of the month, from 1.
    Day,
    /// Hour.
    Hour,
    /// Minute.
    Minute,
    /// Second, whole.
    Second,
}

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident $names:literal $least:literal ..= $most:literal;)*) => {
        /// A function of the grammar.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Function {
            $($(#[$doc])* $variant,)*
        }

        impl Function {
            /// Every function with its names (the first is printed) and numbers of arguments.
            pub const ALL: &'static [(Function, &'static str, usize, usize)] = &[
                $((Function::$variant, $names, $least, $most),)*
            ];
        }
    };
}

functions! {
    /// Text in lower case.
    Lower "LOWER" 1..=1;
    /// Text in upper case.
    Upper "UPPER" 1..=1;
    /// Characters in a text.
    CharLength "CHAR_LENGTH CHARACTER_LENGTH LENGTH LEN" 1..=1;
    /// Part of a text: from (counted from 1), length.
    Substring "SUBSTRING SUBSTR" 2..=3;
    /// Text without blanks at its ends.
    Trim "TRIM" 1..=1;
    /// Text without blanks in front.
    TrimLeft "LTRIM" 1..=1;
    /// Text without blanks at the end.
    TrimRight "RTRIM" 1..=1;
    /// Texts in a row.
    Concat "CONCAT" 1..=64;
    /// Where a text (first) begins in another, counted from 1; 0 when it does not.
    Position "POSITION" 2..=2;
    /// Amount.
    Abs "ABS" 1..=1;
    /// Least whole number not below.
    Ceiling "CEILING CEIL" 1..=1;
    /// Greatest whole number not above.
    Floor "FLOOR" 1..=1;
    /// Nearest number with so many decimals.
    Round "ROUND" 1..=2;
    /// Number cut after so many decimals.
    Truncate "TRUNCATE TRUNC" 1..=2;
    /// Remainder.
    Mod "MOD" 2..=2;
    /// Power.
    Power "POWER" 2..=2;
    /// Square root.
    Sqrt "SQRT" 1..=1;
    /// e to the power.
    Exp "EXP" 1..=1;
    /// Natural logarithm.
    Ln "LOG LN" 1..=1;
    /// Logarithm to base 10.
    Log10 "LOG10" 1..=1;
    /// -1, 0 or 1.
    Sign "SIGN" 1..=1;
    /// Sine.
    Sin "SIN" 1..=1;
    /// Cosine.
    Cos "COS" 1..=1;
    /// Tangent.
    Tan "TAN" 1..=1;
    /// Arc sine.
    Asin "ASIN" 1..=1;
    /// Arc cosine.
    Acos "ACOS" 1..=1;
    /// Arc tangent.
    Atan "ATAN" 1..=1;
    /// The first value that is not null.
    Coalesce "COALESCE" 1..=64;
    /// Null when both are equal, otherwise the first.
    NullIf "NULLIF" 2..=2;
}

impl Function {
    /// Finds a function by one of its names, whatever the case.
    pub fn find(name: &str) -> Option<Self> {
        let named = |names: &str| names.split(' ').any(|known| known.eq_ignore_ascii_case(name));
        Self::ALL.iter().find(|(_, names, _, _)| named(names)).map(|(function, _, _, _)| *function)
    }

    /// Returns the name that is printed.
    pub fn name(self) -> &'static str {
        let entry = Self::ALL.iter().find(|(function, _, _, _)| *function == self);
        entry.and_then(|(_, names, _, _)| names.split(' ').next()).unwrap_or_default()
    }

    /// Returns the least and greatest number of arguments.
    pub fn arity(self) -> (usize, usize) {
        let entry = Self::ALL.iter().find(|(function, _, _, _)| *function == self);
        entry.map_or((0, 0), |(_, _, least, most)| (*least, *most))
    }
}
