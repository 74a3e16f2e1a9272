namespace CriRuntime.Conmon.Protocol;

/// <summary>A message that can write itself as a payload.</summary>
public interface IPayload
{
    void Write(ref PayloadWriter writer);
}
