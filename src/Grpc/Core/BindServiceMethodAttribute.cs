namespace Grpc.Core;

/// <summary>
/// On a generated service base: which static method binds it. Kept for the generated code's sake; nothing here
/// looks it up, because that would take reflection.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BindServiceMethodAttribute(Type bindType, string bindMethodName) : Attribute
{
    public Type BindType { get; } = bindType;

    public string BindMethodName { get; } = bindMethodName;
}
