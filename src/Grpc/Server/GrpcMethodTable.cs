using System.Collections.Frozen;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>The methods a server has, by HTTP path. Filled while the server is configured, then read without a lock.</summary>
internal sealed class GrpcMethodTable
{
    private readonly Dictionary<string, ServerMethod> _methods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private FrozenDictionary<string, ServerMethod>? _published;

    internal ServiceBinderBase Binder(IReadOnlyList<Interceptor> interceptors) => new MethodBinder(this, interceptors);

    internal ServerMethod? Find(string path) =>
        (_published ??= _methods.ToFrozenDictionary(StringComparer.Ordinal)).GetValueOrDefault(path);

    /// <summary>What to tell the caller of a path without a method.</summary>
    internal Status DescribeMissing(string path)
    {
        int slash = path.LastIndexOf('/');
        bool known = slash > 0 && _services.Contains(path[1..slash]);
        return new Status(
            StatusCode.Unimplemented,
            known ? $"Method is unimplemented: {path}" : $"Service is unimplemented: {path}");
    }

    private void Add(IMethod method, ServerMethod implementation)
    {
        if (!_methods.TryAdd(method.FullName, implementation))
            throw new InvalidOperationException($"{method.FullName} is mapped twice.");
        _services.Add(method.ServiceName);
        _published = null;
    }

    private sealed class MethodBinder(GrpcMethodTable table, IReadOnlyList<Interceptor> interceptors) : ServiceBinderBase
    {
        private protected override void Add(IMethod method, Func<IReadOnlyList<Interceptor>, ServerMethod> implement) => table.Add(method, implement(interceptors));
    }
}
