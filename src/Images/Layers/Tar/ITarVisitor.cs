namespace CriRuntime.Images.Layers.Tar;

/// <summary>Receives an archive's members in their order: Begin, any number of Data, End; then the next.</summary>
public interface ITarVisitor
{
    void Begin(TarEntry entry);

    /// <summary>Content of a regular file at a byte offset. Offsets ascend; what lies between pieces is a hole.</summary>
    void Data(ReadOnlySpan<byte> data, long offset);

    void End(TarEntry entry);
}
