using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Validation;

/// <summary>Plugins that must have had a say in a container: those that the node requires, and those that the pod's annotation lists.</summary>
internal static class RequiredPlugins
{
    /// <summary>A YAML list of names. As with every annotation here, <c>/container.NAME</c> or <c>/pod</c> may follow the key, and the narrower one counts.</summary>
    internal const string Annotation = "required-plugins.noderesource.dev";

    /// <exception cref="NriException">One is missing, or an annotation can't be read.</exception>
    internal static void Check(ValidateContainerAdjustmentRequest request, DefaultValidatorOptions options)
    {
        List<string> required = [.. options.RequiredPlugins];
        if (Effective(request, Annotation) is { } list)
            required.AddRange(ReadList(list));
        if (required.Count == 0 || IsTolerated(request, options.TolerateMissingPluginsAnnotation))
            return;
        List<string> missing = required.FindAll(name => !request.Plugins.Any(plugin => name == plugin.Name || name == $"{plugin.Index}-{plugin.Name}"));
        if (missing.Count > 0)
            throw new NriException($"NRI plugins that this container requires are not there: {string.Join(", ", missing)}");
    }

    private static bool IsTolerated(ValidateContainerAdjustmentRequest request, string annotation)
    {
        if (annotation.Length == 0 || Effective(request, annotation) is not { } text)
            return false;
        return bool.TryParse(text, out bool tolerated) ? tolerated : throw new NriException($"the annotation {annotation} is neither true nor false");
    }

    private static string? Effective(ValidateContainerAdjustmentRequest request, string key)
    {
        foreach (string candidate in (string[])[$"{key}/container.{request.Container.Name}", $"{key}/pod", key])
        {
            if (request.Pod.Annotations.TryGetValue(candidate, out string? value))
                return value;
        }

        return null;
    }

    /// <summary>A list of plain or quoted names, as <c>[a, b]</c> or one a line behind a dash.</summary>
    private static IEnumerable<string> ReadList(string yaml)
    {
        string text = yaml.Trim();
        bool flow = text.StartsWith('[') && text.EndsWith(']');
        string[] items = flow
            ? text[1..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string item in items)
        {
            if (!flow && !item.StartsWith("- ", StringComparison.Ordinal))
                throw new NriException($"the annotation {Annotation} is not a list of names");
            yield return (flow ? item : item[2..]).Trim().Trim('"', '\'');
        }
    }
}
