using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Transport;

/// <summary>
/// A pipe's end at the broker on Windows: for this user only, like PipeOptions.CurrentUserOnly, and not over the network, which System.IO.Pipes has no option for.
/// (To deny access to the group NETWORK would shut out processes in sessions of SSH and WinRM as well, on this same machine.)
/// </summary>
[SupportedOSPlatform("windows")]
internal static partial class WindowsPipe
{
    private const uint Duplex = 0x3;
    private const uint Overlapped = 0x40000000;
    private const uint FirstInstance = 0x00080000;
    private const uint BytesAndNoRemoteClients = 0x8;
    private const uint UnlimitedInstances = 255;

    /// <summary>One more instance of the pipe; the first one must find the name free.</summary>
    public static NamedPipeServerStream Create(string endpoint, bool isFirst)
    {
        var handle = CreateHandle(endpoint, Duplex | Overlapped | (isFirst ? FirstInstance : 0));
        if (handle.IsInvalid)
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            handle.Dispose();
            throw new IOException($"The pipe '{endpoint}' could not be made: {error.Message}.", error);
        }

        return new NamedPipeServerStream(PipeDirection.InOut, isAsync: true, isConnected: false, handle);
    }

    private static unsafe SafePipeHandle CreateHandle(string endpoint, uint openMode)
    {
        fixed (byte* descriptor = ThisUserOnly())
        {
            var attributes = new SecurityAttributes { Bytes = (uint)sizeof(SecurityAttributes), Descriptor = (nint)descriptor };
            return CreateNamedPipeW(endpoint, openMode, BytesAndNoRemoteClients, UnlimitedInstances, Link.BufferBytes, Link.BufferBytes, 0, attributes);
        }
    }

    /// <summary>The owner of what this process makes: the user, or the administrators when it runs elevated. A client with CurrentUserOnly looks for the same one.</summary>
    private static byte[] ThisUserOnly()
    {
        using var identity = WindowsIdentity.GetCurrent();
        var owner = identity.Owner!;
        var security = new PipeSecurity();
        security.AddAccessRule(new PipeAccessRule(owner, PipeAccessRights.FullControl, AccessControlType.Allow));
        security.SetOwner(owner);
        return security.GetSecurityDescriptorBinaryForm();
    }

    [LibraryImport("kernel32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafePipeHandle CreateNamedPipeW(
        string name, uint openMode, uint pipeMode, uint instancesMax, uint outBytes, uint inBytes, uint defaultTimeoutMs, in SecurityAttributes attributes);

    [StructLayout(LayoutKind.Sequential)]
    private struct SecurityAttributes
    {
        public uint Bytes;
        public nint Descriptor;
        public int IsInherited;
    }
}
