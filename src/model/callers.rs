//! Who calls each function, turned around from what each function calls.

/// Sites by the number of the function that is called, in the order in which they were given. One table for all functions: there are many,
/// and most have few callers.
pub struct Callers<S> {
    /// Where the sites of each function begin; one more at the end.
    starts: Vec<u32>,
    sites: Vec<S>,
}

impl<S: Copy> Callers<S> {
    /// Of functions numbered below `functions`. `calls`: the number of the callee, and the site.
    pub fn new(functions: usize, calls: impl Iterator<Item = (u32, S)>) -> Self {
        let calls: Vec<(u32, S)> = calls.collect();
        let mut starts = vec![0u32; functions + 1];
        calls.iter().for_each(|(callee, _)| starts[*callee as usize + 1] += 1);
        for at in 0..functions {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut sites: Vec<S> = calls.iter().map(|(_, site)| *site).collect();
        for (callee, site) in calls {
            let place = &mut next[callee as usize];
            sites[*place as usize] = site;
            *place += 1;
        }
        Self { starts, sites }
    }

    /// Nothing of functions that were added later.
    pub fn of(&self, callee: u32) -> &[S] {
        match self.starts.get(callee as usize..callee as usize + 2) {
            Some(bounds) => &self.sites[bounds[0] as usize..bounds[1] as usize],
            None => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Callers;

    #[test]
    fn sites_are_kept_in_order_by_what_they_call() {
        let callers = Callers::new(4, [(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd')].into_iter());
        let of: Vec<&[char]> = (0..5).map(|callee| callers.of(callee)).collect();
        assert_eq!(of, [&['b'][..], &[], &['a', 'c'], &['d'], &[]]);
    }

    #[test]
    fn nothing_is_called_where_there_are_no_functions() {
        assert!(Callers::<u8>::new(0, std::iter::empty()).of(0).is_empty());
    }
}
