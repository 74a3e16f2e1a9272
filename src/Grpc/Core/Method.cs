namespace Grpc.Core;

/// <summary>Which side sends one message and which a stream. This room carries the first two kinds, which are all the CRI has.</summary>
public enum MethodType
{
    Unary = 0,
    ClientStreaming = 1,
    ServerStreaming = 2,
    DuplexStreaming = 3,
}

/// <summary>What a method is called and how it streams.</summary>
public interface IMethod
{
    MethodType Type { get; }

    /// <summary>With its package: <c>runtime.v1.RuntimeService</c>.</summary>
    string ServiceName { get; }

    string Name { get; }

    /// <summary>The HTTP path: <c>/runtime.v1.RuntimeService/Version</c>.</summary>
    string FullName { get; }
}

/// <summary>A remote method with the marshallers of its messages. Thread-safe, made once per method by generated code.</summary>
public sealed class Method<TRequest, TResponse> : IMethod
{
    public Method(
        MethodType type,
        string serviceName,
        string name,
        Marshaller<TRequest> requestMarshaller,
        Marshaller<TResponse> responseMarshaller)
    {
        ArgumentNullException.ThrowIfNull(serviceName);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(requestMarshaller);
        ArgumentNullException.ThrowIfNull(responseMarshaller);
        Type = type;
        ServiceName = serviceName;
        Name = name;
        RequestMarshaller = requestMarshaller;
        ResponseMarshaller = responseMarshaller;
        FullName = $"/{serviceName}/{name}";
    }

    public MethodType Type { get; }

    public string ServiceName { get; }

    public string Name { get; }

    public string FullName { get; }

    public Marshaller<TRequest> RequestMarshaller { get; }

    public Marshaller<TResponse> ResponseMarshaller { get; }
}
