// Some tests measure this process: what it allocates.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
