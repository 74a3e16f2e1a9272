// Some tests measure this process: its memory and its descriptors.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
