using System.IO.Pipes;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Transport;

/// <summary>The pipe's door on Windows: this user only, nobody over the network, one broker for a name.</summary>
[SupportedOSPlatform("windows")]
public sealed class WindowsPipeTests
{
    [WindowsFact]
    public void Start_AccessToThePipe_IsTheCurrentUsersAlone()
    {
        using var broker = QueueBroker.Start();
        using var pipe = Connected(".", broker.Endpoint);
        using var identity = WindowsIdentity.GetCurrent();

        var security = pipe.GetAccessControl();

        var rule = Assert.IsType<PipeAccessRule>(Assert.Single(security.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)).Cast<AuthorizationRule>()));
        Assert.Equal(identity.Owner, rule.IdentityReference);
        Assert.Equal(AccessControlType.Allow, rule.AccessControlType);
        Assert.Equal(identity.Owner, security.GetOwner(typeof(SecurityIdentifier)));
    }

    [WindowsFact]
    public void Connect_OverTheNetwork_IsRefused()
    {
        var open = $"queueipc-test-{Guid.NewGuid():N}";
        using (var ordinary = new NamedPipeServerStream(open))
        {
            try
            {
                Connected("127.0.0.1", open).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
            {
                Assert.Skip($"This machine lets nobody reach its pipes over the network: {e.Message}");
            }
        }

        using var broker = QueueBroker.Start();
        Connected(".", broker.Endpoint).Dispose();

        Assert.ThrowsAny<SystemException>(() => Connected("127.0.0.1", broker.Endpoint));
    }

    [WindowsFact]
    public void Start_PipeOfThatNameIsThere_IsRefusedInWords()
    {
        const string Name = "windows-first-instance";
        using var squatter = new NamedPipeServerStream(PipeNames.PipeNameOf(PipeNames.EndpointOf(Name)), PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances);

        foreach (var place in Enum.GetValues<BrokerPlace>())
        {
            var e = Assert.Throws<IOException>(() => place.StartBroker(new QueueBrokerOptions { Name = Name }));

            Assert.Contains(PipeNames.EndpointOf(Name), e.Message);
            Assert.Contains("another name", e.Message);
        }
    }

    [WindowsFact]
    public void FirstInstance_OfABrokersPipe_IsTaken()
    {
        using var broker = QueueBroker.Start();

        Assert.ThrowsAny<SystemException>(() => new NamedPipeServerStream(PipeNames.PipeNameOf(broker.Endpoint), PipeDirection.InOut, 1));
    }

    [WindowsFact]
    public void Abort_WhileAReadIsUnderWay_EndsItAsAnEndOfTheConnection()
    {
        using var broker = QueueBroker.Start();
        var link = new WindowsPipeLink(Connected(".", broker.Endpoint));
        Assert.Equal(Link.NothingYet, link.Read(new byte[1], timeoutMs: 0));

        link.Abort();

        Assert.Throws<IOException>(() => link.Read(new byte[1]));
    }

    private static NamedPipeClientStream Connected(string machine, string endpoint)
    {
        var pipe = new NamedPipeClientStream(machine, PipeNames.PipeNameOf(endpoint), PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            pipe.Connect(1000);
            return pipe;
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }
}
