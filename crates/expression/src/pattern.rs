//! Regular expressions as .NET writes them, searched in linear time.
//!
//! Look-around, back-references, atomic and conditional groups, and right-to-left search need backtracking, whose time has no useful
//! bound; they are refused. So are balancing groups and groups with a number for a name. `$` and `\Z` mean the very end, not also the
//! place before a last line break.

mod replacement;
mod translate;

use regex_automata::{
    Input, PatternID, Span,
    nfa::thompson::{
        NFA, WhichCaptures,
        pikevm::{Cache, PikeVM},
    },
    util::{captures::Captures, syntax},
};
pub(crate) use replacement::Replacement;

/// Longest pattern in characters.
const CHARACTERS_MAX: usize = 1_000;
/// Size of what a pattern is compiled to, in bytes: `\w{100}` fits, `(\w{50}){50}` does not.
const COMPILED_BYTES_MAX: usize = 4 << 20;
/// States times groups: what one search holds in memory is some sixteen bytes for each.
const SLOTS_MAX: usize = 200_000;
/// Groups and repetitions within each other.
const NESTED_MAX: u32 = 32;
/// Work that counts as one step: bytes of text times states of the pattern times groups, whose places each state carries along.
const WORK_PER_STEP: usize = 8_192;
/// States that are compiled in one step.
const STATES_PER_STEP: usize = 16;
/// Steps of work that [`Pattern::is_match`] may take.
const MATCH_STEPS_MAX: usize = 10_000;

/// A regular expression, ready to search with.
#[derive(Clone, Debug)]
pub struct Pattern {
    machine: PikeVM,
    states: usize,
    /// Name of each group by its place in the pattern; the whole match comes first.
    names: Vec<Option<String>>,
}

/// Why [`Pattern::is_match`] gives no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for this pattern")]
pub struct TooMuch;

/// Places of one match.
pub(crate) struct Found<'c>(&'c Captures);

impl Found<'_> {
    pub fn whole(&self) -> Span {
        self.group(0).unwrap_or(Span { start: 0, end: 0 })
    }

    /// `None` when the group took no part in the match.
    pub fn group(&self, index: usize) -> Option<Span> {
        self.0.get_group(index)
    }
}

/// Why a search ended before its end: the callback said so.
pub(crate) enum Ended<E> {
    /// The steps are used up.
    Steps,
    /// What the callback returned.
    By(E),
}

impl Pattern {
    /// Reads a pattern of at most 1,000 characters.
    ///
    /// # Errors
    /// What is malformed, too large or not supported, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().nth(CHARACTERS_MAX).is_some() {
            return Err(format!("a pattern may have {CHARACTERS_MAX} characters, and this one has more"));
        }
        let translated = translate::translate(text)?;
        let config = NFA::config().nfa_size_limit(Some(COMPILED_BYTES_MAX)).which_captures(WhichCaptures::All);
        let mut compiler = NFA::compiler();
        compiler.configure(config).syntax(syntax::Config::new().nest_limit(NESTED_MAX));
        let machine = compiler.build(&translated).map_err(|error| refused(&error))?;
        let states = machine.states().len();
        let named = machine.group_info().pattern_names(PatternID::ZERO);
        let names: Vec<Option<String>> = named.map(|name| name.map(str::to_owned)).collect();
        if states * names.len() > SLOTS_MAX {
            return Err("the pattern is too large; use fewer groups and smaller repetitions".to_owned());
        }
        let machine =
            PikeVM::new_from_nfa(machine).map_err(|error| format!("the pattern is not understood: {error}"))?;
        Ok(Self { machine, states, names })
    }

    /// Whether it matches somewhere in `text`, as .NET's `Regex.IsMatch`.
    ///
    /// # Errors
    /// When text and pattern together are too large: some eighty million bytes times states times groups.
    pub fn is_match(&self, text: &str) -> Result<bool, TooMuch> {
        if self.steps(text.len()) > MATCH_STEPS_MAX {
            return Err(TooMuch);
        }
        let input = Input::new(text).earliest(true);
        Ok(self.machine.search_slots(&mut self.machine.create_cache(), &input, &mut []).is_some())
    }

    /// Index of a group by its name, or by its number in .NET, where groups without a name come first.
    pub(crate) fn group(&self, name: &str) -> Option<usize> {
        let by_name = self.names.iter().position(|group| group.as_deref() == Some(name));
        by_name.or_else(|| self.numbered(name.parse().ok()?))
    }

    /// Index of the group that .NET gives a number.
    pub(crate) fn numbered(&self, number: usize) -> Option<usize> {
        let is_named = |index: &usize| self.names[*index].is_some();
        let (named, unnamed): (Vec<_>, Vec<_>) = (0..self.names.len()).partition(is_named);
        unnamed.into_iter().chain(named).nth(number)
    }

    /// Index of the group that .NET numbers last; 0 when there is none.
    pub(crate) fn last_group(&self) -> usize {
        self.numbered(self.names.len().saturating_sub(1)).unwrap_or(0)
    }

    /// What making it has cost.
    pub(crate) fn steps_to_compile(&self) -> usize {
        1 + self.states / STATES_PER_STEP
    }

    /// What searching through so many bytes counts, at worst.
    fn steps(&self, bytes: usize) -> usize {
        1 + (bytes + 1).saturating_mul(self.states * self.names.len()) / WORK_PER_STEP
    }

    /// Calls `each` for every match from left to right, as .NET finds them: an empty match may follow right behind another match.
    /// Takes its work from `steps`. `each` answers whether to go on.
    pub(crate) fn each_match<E>(
        &self,
        text: &str,
        steps: &mut usize,
        mut each: impl FnMut(Found<'_>) -> Result<bool, E>,
    ) -> Result<(), Ended<E>> {
        let mut cache: Cache = self.machine.create_cache();
        let mut captures = self.machine.create_captures();
        let mut from = 0;
        while from <= text.len() {
            *steps = steps.checked_sub(self.steps(text.len() - from)).ok_or(Ended::Steps)?;
            self.machine.search(&mut cache, &Input::new(text).range(from..), &mut captures);
            let Some(span) = captures.get_match().map(|found| found.span()) else { break };
            if !each(Found(&captures)).map_err(Ended::By)? {
                break;
            }
            from = if span.end > span.start { span.end } else { next_character(text, span.end) };
        }
        Ok(())
    }
}

/// Where the character at `offset` ends; behind the text when there is none.
fn next_character(text: &str, offset: usize) -> usize {
    offset + text[offset..].chars().next().map_or(1, char::len_utf8)
}

/// The compiler's message without the drawing around it.
fn refused(error: &regex_automata::nfa::thompson::BuildError) -> String {
    if error.size_limit().is_some() {
        return "the pattern is too large; use smaller repetitions".to_owned();
    }
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let problem = cause.lines().last().unwrap_or_default();
    format!("the pattern is not understood: {}", problem.strip_prefix("error: ").unwrap_or(problem))
}
