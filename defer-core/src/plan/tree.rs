//! What can be read from a plan: who waits for whom, and where failures go.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::names::{error_in, short};
use super::{Node, Plan};

/// A plan with what was worked out. The nodes are in the order of the plan.
pub(super) struct Tree {
    pub(super) branches: Vec<Branch>,
}

/// One node and its place.
pub(super) struct Branch {
    pub(super) node: Node,
    pub(super) depth: usize,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    /// The parameter that it is for.
    pub(super) parameter: Option<&'static str>,
    /// It runs only after a failure: a further argument of an errback.
    pub(super) after_failure: bool,
    /// What it may fail with itself, and who takes that: more than one, if clones share it;
    /// `None` is the caller.
    pub(super) raises: Option<(String, Vec<Option<usize>>)>,
    /// What may come out of it.
    pub(super) errors: Vec<String>,
    /// How many of its children run at once, where they are more than one.
    pub(super) at_once: Option<usize>,
    /// The number of what clones share, and where it was drawn first.
    pub(super) shared: Option<(usize, usize)>,
    /// What is inside is its body.
    running: bool,
}

impl Tree {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut tree = Tree {
            branches: Vec::with_capacity(plan.drawn.len()),
        };
        // Those that the next node may be in, outermost first.
        let mut open: Vec<usize> = Vec::new();
        let mut met: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (place, drawn) in plan.drawn.iter().enumerate() {
            open.truncate(drawn.depth);
            let parent = open.last().copied();
            open.push(place);
            let shared = match drawn.node {
                Node::Shared { identity } => {
                    let number = met.len() + 1;
                    Some(*met.entry(identity).or_insert((number, place)))
                }
                _ => None,
            };
            tree.branches.push(Branch {
                node: drawn.node,
                depth: drawn.depth,
                parent,
                children: Vec::new(),
                parameter: None,
                after_failure: false,
                raises: None,
                errors: Vec::new(),
                at_once: None,
                shared,
                running: drawn.running,
            });
            if let Some(parent) = parent {
                tree.branches[parent].children.push(place);
            }
        }
        tree.name_arguments();
        tree.follow_failures();
        for place in 0..tree.branches.len() {
            tree.branches[place].at_once = tree.at_once(place);
        }
        tree
    }

    /// Which argument is for which parameter.
    fn name_arguments(&mut self) {
        for place in 0..self.branches.len() {
            let branch = &self.branches[place];
            let Some(site) = branch.node.site().filter(|_| !branch.running) else {
                continue;
            };
            let skip = usize::from(site.catches.is_some());
            // More or fewer: then it is not known which are which.
            if branch.children.len() != site.params.len() + skip {
                continue;
            }
            let further: Vec<_> = branch.children.iter().copied().skip(skip).collect();
            for (child, param) in further.into_iter().zip(site.params) {
                let child = &mut self.branches[child];
                child.parameter = Some(param);
                child.after_failure = skip == 1;
            }
        }
    }

    /// What may come out of each node, innermost first.
    fn follow_failures(&mut self) {
        for place in (0..self.branches.len()).rev() {
            let branch = &self.branches[place];
            let own = raised_by(branch.node);
            let mut errors = Vec::new();
            for &child in &branch.children {
                if !self.takes_failures_of(place, child) {
                    for error in &self.branches[child].errors {
                        add(&mut errors, error);
                    }
                }
            }
            // What it returns is of one type: that of the signature.
            if let (Some(error), Some(_)) = (&own, branch.node.site()) {
                errors.clear();
                errors.push(error.clone());
            } else if let Some(error) = &own {
                add(&mut errors, error);
            }
            self.branches[place].errors = errors;
            if let Some(error) = own {
                let mut takers = Vec::new();
                self.takers_of(place, &mut takers);
                self.branches[place].raises = Some((error, takers));
            }
        }
        // What clones share was drawn at the first: it can fail at the others too.
        for place in 0..self.branches.len() {
            let Some((_, first)) = self.branches[place].shared else {
                continue;
            };
            if first != place {
                let errors = self.branches[first].errors.clone();
                self.pass_on(place, &errors);
            }
        }
    }

    /// Add errors to what comes out of a node, and outward from there.
    fn pass_on(&mut self, place: usize, errors: &[String]) {
        let mut at = place;
        loop {
            for error in errors {
                add(&mut self.branches[at].errors, error);
            }
            match self.branches[at].parent {
                Some(parent) if !self.takes_failures_of(parent, at) => at = parent,
                _ => return,
            }
        }
    }

    /// Who takes what this node fails with.
    fn takers_of(&self, place: usize, takers: &mut Vec<Option<usize>>) {
        let mut at = place;
        let taker = loop {
            // It goes wherever a clone stands.
            if let Some((number, _)) = self.branches[at].shared.filter(|(_, first)| *first == at) {
                for (clone, branch) in self.branches.iter().enumerate() {
                    if clone != at && branch.shared.is_some_and(|(of, _)| of == number) {
                        self.takers_of(clone, takers);
                    }
                }
            }
            match self.branches[at].parent {
                Some(parent) if self.takes_failures_of(parent, at) => break Some(parent),
                Some(parent) => at = parent,
                None => break None,
            }
        };
        if !takers.contains(&taker) {
            takers.push(taker);
        }
    }

    /// Whether a failure of this child ends there.
    fn takes_failures_of(&self, parent: usize, child: usize) -> bool {
        let branch = &self.branches[parent];
        if branch.running {
            return false;
        }
        match branch.node {
            Node::Call(site) => {
                let first = branch.children.first() == Some(&child);
                let parameter = self.branches[child].parameter;
                site.catches.is_some() && first
                    || parameter.is_some_and(|name| site.observes.contains(&name))
            }
            node => TAKE_FAILURES.contains(&node.name()),
        }
    }

    fn at_once(&self, place: usize) -> Option<usize> {
        let branch = &self.branches[place];
        if matches!(branch.node, Node::List { limit: Some(_), .. }) {
            return None;
        }
        let waiting = branch.children.iter().filter(|&&child| {
            let child = &self.branches[child];
            !child.after_failure && child.node != VALUE
        });
        Some(waiting.count()).filter(|&count| count > 1)
    }
}

impl Branch {
    /// The name, and what of it is no property of failures.
    pub(super) fn title(&self) -> String {
        match self.node {
            Node::Leaf { name, yields } => format!("{name} of {}", short(yields)),
            Node::Limited {
                name,
                limit: Some(limit),
            } => format!("{name} after {limit:?}"),
            Node::List {
                name,
                size,
                exact,
                limit,
            } => {
                let more = if exact { "" } else { " or more" };
                let limit = limit.map(|limit| format!(", {limit} at once"));
                format!("{name} of {size}{more}{}", limit.unwrap_or_default())
            }
            Node::Shared { .. } => match self.shared {
                Some((number, _)) => format!("shared #{number}"),
                None => "shared".to_string(),
            },
            node => node.name().to_string(),
        }
    }

    /// Where the function stands.
    pub(super) fn stands(&self) -> Option<String> {
        let site = self.node.site()?;
        Some(format!("{}:{}", site.file, site.line))
    }

    /// What it does with failures: one remark each.
    pub(super) fn remarks(&self, tree: &Tree) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(count) = self.at_once {
            remarks.push(format!("{count} at once"));
        }
        if let Some(site) = self.node.site() {
            if let Some(function) = site.batch {
                remarks.push(format!("in batches of {function}"));
            }
            if let Some(error) = site.catches {
                let recovers = if site.fails.is_none() {
                    ", always recovers"
                } else {
                    ""
                };
                remarks.push(format!("catches {error}{recovers}"));
            }
            if !site.observes.is_empty() {
                remarks.push(format!("takes failures of {}", site.observes.join(", ")));
            }
        }
        if let Some((error, takers)) = &self.raises {
            let mut names: Vec<_> = takers
                .iter()
                .map(|taker| taker.map_or("the caller", |at| tree.branches[at].node.name()))
                .collect();
            names.sort_unstable();
            names.dedup();
            remarks.push(format!("{error} goes to {}", names.join(" and ")));
        }
        if self.after_failure {
            remarks.push("only after a failure".to_string());
        }
        remarks
    }

    /// All that is written of it in a graph, a line each.
    pub(super) fn lines(&self, tree: &Tree) -> Vec<String> {
        let mut lines = alloc::vec![self.title()];
        lines.extend(self.stands());
        lines.extend(self.remarks(tree));
        lines
    }

    /// Another place, where it was drawn, if clones share it and one was met before.
    pub(super) fn drawn_at(&self, place: usize) -> Option<usize> {
        let (_, first) = self.shared?;
        Some(first).filter(|&first| first != place)
    }
}

const VALUE: Node = Node::Named("value");

/// Those of the combinators that make something else of a failure of what is inside.
const TAKE_FAILURES: [&str; 7] = [
    "add_errback",
    "add_both",
    "add_callbacks",
    "chain_into",
    "deferred_list",
    "race",
    "select_all",
];

/// What it may fail with, whatever is inside.
fn raised_by(node: Node) -> Option<String> {
    match node {
        Node::Call(site) => site.fails.map(ToString::to_string),
        Node::Leaf { yields, .. } => error_in(yields).map(short),
        Node::Limited { .. } => Some("TimedOut".to_string()),
        _ => None,
    }
}

fn add(errors: &mut Vec<String>, error: &str) {
    if !errors.iter().any(|known| known == error) {
        errors.push(error.to_string());
    }
}
