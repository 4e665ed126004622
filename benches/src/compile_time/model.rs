//! The program that is written twice: its functions, and its nested calls.

/// The types that travel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Text,
    Count,
    Flag,
    /// `&str`, never a deferred.
    Label,
}

impl Ty {
    pub fn name(self) -> &'static str {
        match self {
            Ty::Text => "String",
            Ty::Count => "usize",
            Ty::Flag => "bool",
            Ty::Label => "&str",
        }
    }
}

/// How a function, or an expression, can fail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    Never,
    Fetch,
    App,
}

impl Fails {
    pub fn error(self) -> &'static str {
        match self {
            Fails::Never => "std::convert::Infallible",
            Fails::Fetch => "FetchError",
            Fails::App => "AppError",
        }
    }
}

/// A function of the program.
pub struct Function {
    pub name: String,
    pub params: Vec<Ty>,
    pub returns: Ty,
    pub fails: Fails,
    pub is_async: bool,
    /// The error that it takes before its parameters, if it is an errback.
    pub rescues: Option<Fails>,
    /// Whether it fetches: its arguments are never nested calls.
    pub source: bool,
}

/// An expression.
pub enum Expr {
    Literal(Ty, usize),
    Call {
        function: usize,
        args: Vec<Expr>,
    },
    Rescued {
        errback: usize,
        inner: Box<Expr>,
        fallback: Box<Expr>,
    },
}

/// 200 functions and 100 expressions.
pub struct Program {
    pub functions: Vec<Function>,
    pub calls: Vec<Expr>,
}

const FUNCTIONS: usize = 200;
const CALLS: usize = 100;

impl Program {
    pub fn new() -> Self {
        let mut maker = Maker {
            functions: (0..FUNCTIONS).map(function).collect(),
            used: vec![0; FUNCTIONS],
            random: 0x2545_f491_4f6c_dd1d,
        };
        let calls = (0..CALLS)
            .map(|index| {
                let ty = [Ty::Text, Ty::Count, Ty::Flag][index % 3];
                let mut rescue = index.is_multiple_of(5);
                maker.expr(ty, 2 + index % 3, &mut rescue)
            })
            .collect();
        Program {
            functions: maker.functions,
            calls,
        }
    }

    /// How an expression can fail.
    pub fn fails(&self, expr: &Expr) -> Fails {
        fails(&self.functions, expr)
    }

    /// Calls of functions in all expressions.
    pub fn nodes(&self) -> usize {
        fn nodes(expr: &Expr) -> usize {
            match expr {
                Expr::Literal(..) => 0,
                Expr::Call { args, .. } => 1 + args.iter().map(nodes).sum::<usize>(),
                Expr::Rescued {
                    inner, fallback, ..
                } => 1 + nodes(inner) + nodes(fallback),
            }
        }
        self.calls.iter().map(nodes).sum()
    }
}

/// The function with this number: a fifth are sources, a tenth errbacks.
fn function(index: usize) -> Function {
    if index.is_multiple_of(5) {
        let params = if index.is_multiple_of(2) {
            vec![Ty::Text]
        } else {
            vec![Ty::Text, Ty::Count]
        };
        return Function {
            name: format!("fetch_{index}"),
            params,
            returns: Ty::Text,
            fails: Fails::Fetch,
            is_async: true,
            rescues: None,
            source: true,
        };
    }
    if index % 10 == 9 {
        let rescues = if index % 20 == 9 {
            Fails::Fetch
        } else {
            Fails::App
        };
        return Function {
            name: format!("rescue_{index}"),
            params: vec![Ty::Text],
            returns: Ty::Text,
            fails: Fails::Never,
            is_async: index % 40 == 9,
            rescues: Some(rescues),
            source: false,
        };
    }
    let returns = [Ty::Text, Ty::Count, Ty::Flag][index % 3];
    let others = [Ty::Count, Ty::Flag, Ty::Text, Ty::Count, Ty::Label];
    let mut params = vec![if index.is_multiple_of(7) {
        Ty::Count
    } else {
        Ty::Text
    }];
    params.extend((0..index % 4).map(|place| others[(index + place) % others.len()]));
    Function {
        name: format!("work_{index}"),
        params,
        returns,
        fails: if (index / 3).is_multiple_of(2) {
            Fails::Never
        } else {
            Fails::App
        },
        is_async: index % 4 == 1,
        rescues: None,
        source: false,
    }
}

fn fails(functions: &[Function], expr: &Expr) -> Fails {
    match expr {
        Expr::Literal(..) => Fails::Never,
        Expr::Rescued { fallback, .. } => fails(functions, fallback),
        Expr::Call { function, args } => match functions[*function].fails {
            Fails::Never => args
                .iter()
                .map(|arg| fails(functions, arg))
                .find(|fails| *fails != Fails::Never)
                .unwrap_or(Fails::Never),
            own => own,
        },
    }
}

struct Maker {
    functions: Vec<Function>,
    used: Vec<usize>,
    random: u64,
}

impl Maker {
    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % end as u64) as usize
    }

    /// The function of this sort that was used least.
    fn pick(&mut self, is: impl Fn(&Function) -> bool) -> usize {
        let picked = (0..self.functions.len())
            .filter(|index| is(&self.functions[*index]))
            .min_by_key(|index| self.used[*index])
            .expect("a function of every sort");
        self.used[picked] += 1;
        picked
    }

    fn expr(&mut self, ty: Ty, depth: usize, rescue: &mut bool) -> Expr {
        if ty == Ty::Text && depth <= 1 {
            return self.fetch(rescue);
        }
        let function = self.pick(|f| f.returns == ty && f.rescues.is_none() && !f.source);
        let params = self.functions[function].params.clone();
        let plain = self.functions[function].fails == Fails::Never;
        let mut failing = Fails::Never;
        let mut args = Vec::new();
        for (place, param) in params.into_iter().enumerate() {
            let nested = param != Ty::Label && depth > 1 && (place == 0 || self.below(3) == 0);
            let mut arg = if nested {
                self.expr(param, depth - 1, rescue)
            } else {
                Expr::Literal(param, self.below(9))
            };
            // Different errors do not meet in a function that has none of its own.
            let own = fails(&self.functions, &arg);
            if plain && own != Fails::Never {
                if failing != Fails::Never && failing != own {
                    arg = Expr::Literal(param, place);
                } else {
                    failing = own;
                }
            }
            args.push(arg);
        }
        Expr::Call { function, args }
    }

    fn fetch(&mut self, rescue: &mut bool) -> Expr {
        let function = self.pick(|f| f.source);
        let params = self.functions[function].params.clone();
        let args = params
            .into_iter()
            .map(|param| Expr::Literal(param, self.below(9)))
            .collect();
        let call = Expr::Call { function, args };
        if !std::mem::take(rescue) {
            return call;
        }
        let errback = self.pick(|f| f.rescues.is_some());
        let fallback = Box::new(Expr::Literal(Ty::Text, 0));
        Expr::Rescued {
            errback,
            inner: Box::new(call),
            fallback,
        }
    }
}
