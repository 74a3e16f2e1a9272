// Some tests start processes. Until it runs its program, such a process holds a copy of every open descriptor: also of a pipe's
// end that another test has closed.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
