namespace CriRuntime.Oci.Specs;

/// <summary>A configuration that the specification, or this runtime, does not allow; the message names the JSON field.</summary>
public sealed class SpecException : Exception
{
    public SpecException(string field, string problem)
        : base($"{field}: {problem}") => Field = field;

    /// <summary>Path of the field as in the JSON, e.g. <c>linux.namespaces[2].type</c>.</summary>
    public string Field { get; }
}
