//! Our block in a hook: marked, put in once, taken out again.

const BEGIN: &str = "# >>> cargo moai-backend";
const END: &str = "# <<< cargo moai-backend <<<\n";
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];

pub enum Merge {
    Same,
    New(String),
}

/// Why our block cannot be put into a hook.
pub struct NotOurs(pub &'static str);

/// The marked lines of a script.
pub fn block(script: &str) -> &str {
    range(script).map_or("", |range| &script[range])
}

pub fn has_block(hook: &str) -> bool {
    range(hook).is_some()
}

/// The hook with our block in it. Ours comes first: what follows may `exec` or `exit`.
pub fn merged(script: &str, there: Option<&str>) -> Result<Merge, NotOurs> {
    let Some(there) = there else { return Ok(Merge::New(script.to_string())) };
    let block = block(script);
    if let Some(range) = range(there) {
        let text = format!("{}{block}{}", &there[..range.start], &there[range.end..]);
        return Ok(if text == there { Merge::Same } else { Merge::New(text) });
    }
    if !is_shell(there) {
        return Err(NotOurs("it is no shell script"));
    }
    let first = if there.starts_with("#!") { there.find('\n').map_or(there.len(), |end| end + 1) } else { 0 };
    let line_end = if there[..first].ends_with('\n') || first == 0 { "" } else { "\n" };
    Ok(Merge::New(format!("{}{line_end}{block}{}", &there[..first], &there[first..])))
}

/// The hook as it was before; `None`: there is nothing of ours in it.
pub fn without_block(hook: &str) -> Option<String> {
    let range = range(hook)?;
    Some(format!("{}{}", &hook[..range.start], &hook[range.end..]))
}

/// Nothing but the line that names the shell.
pub fn is_empty(hook: &str) -> bool {
    hook.lines().all(|line| line.trim().is_empty() || line.starts_with("#!"))
}

fn range(hook: &str) -> Option<std::ops::Range<usize>> {
    let start = hook.find(BEGIN)?;
    let end = hook[start..].find(END)? + start + END.len();
    Some(start..end)
}

/// `#!/bin/sh`, `#!/usr/bin/env bash`; git gives a script without such a line to `sh`.
fn is_shell(hook: &str) -> bool {
    let Some(line) = hook.strip_prefix("#!").and_then(|rest| rest.lines().next()) else { return true };
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.next();
    let program = if program == Some("env") { words.find(|word| !word.starts_with('-')) } else { program };
    program.is_some_and(|program| SHELLS.contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::hook::Hook;

    fn put_in(there: &str) -> Option<String> {
        match merged(Hook::PreCommit.script(), Some(there)) {
            Ok(Merge::New(text)) => Some(text),
            Ok(Merge::Same) | Err(_) => None,
        }
    }

    #[test]
    fn what_was_in_a_hook_comes_back_byte_for_byte() {
        for there in ["#!/bin/sh\nexec make check\n", "make check", "#!/usr/bin/env -S bash\n\n# Words.\nexit 0", "#!/bin/dash\n\n\n"] {
            let with_ours = put_in(there).expect("a shell script");
            assert!(with_ours.find("hook run") < with_ours.find("make check").or(Some(usize::MAX)), "{with_ours}");
            assert_eq!(without_block(&with_ours).as_deref(), Some(there));
            assert!(matches!(merged(Hook::PreCommit.script(), Some(&with_ours)), Ok(Merge::Same)), "put in once");
        }
    }

    #[test]
    fn an_older_block_gives_way_to_the_newer_one() {
        let older = "#!/bin/sh\n# >>> cargo moai-backend 0 >>>\nold words\n# <<< cargo moai-backend <<<\nmake check\n";
        assert_eq!(put_in(older), put_in("#!/bin/sh\nmake check\n"));
    }

    #[test]
    fn programs_that_are_no_shell_are_left_alone() {
        for there in ["#!/usr/bin/env python3\nprint()\n", "#!/usr/bin/perl\n", "#!/usr/bin/env node\n"] {
            assert_eq!(put_in(there), None, "{there}");
        }
    }
}
