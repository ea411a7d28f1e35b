#!/usr/bin/env bash
# NATS.Net 3.3.2 with nats-server 2.9.10 (Debian 12). A subscription to what NewInbox() of the connection gives gets what is published there. One to a subject below it (with ".x" behind), which is how one keeps
# the replies of several requests apart, gets nothing, and no error is raised: the library takes what begins with its own prefix for a reply to one of its requests. Below an inbox of
# another name all comes.
# Seen on .NET 10.0.12, Linux:
#   NewInbox(): hello
#   NewInbox() + ".x": nothing
#   "_INBOX.own.x": hello
# Exits with 1 when that is not so any more. Takes the program nats-server from the PATH, or installs it with apt-get.
set -euo pipefail
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null || apt-get install -qy nats-server=2.9.10-1+b3 >&2
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
cat > inbox.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="NATS.Net" Version="3.3.2" />
  </ItemGroup>
</Project>
PROJECT
cat > Program.cs <<'PROGRAM'
using NATS.Client.Core;

await using var connection = new NatsConnection(new NatsOpts { Url = args[0], RetryOnInitialConnect = true });
await connection.ConnectAsync();
await using var other = new NatsConnection(new NatsOpts { Url = args[0] });
Console.WriteLine($"NewInbox(): {await Hear(connection.NewInbox())}");
Console.WriteLine($"NewInbox() + \".x\": {await Hear(connection.NewInbox() + ".x")}");
Console.WriteLine($"\"_INBOX.own.x\": {await Hear("_INBOX.own.x")}");

async Task<string> Hear(string subject)
{
    await using var subscription = await connection.SubscribeCoreAsync<string>(subject);
    await connection.PingAsync();
    await other.PublishAsync(subject, "hello");

    // Behind the answer to the ping of each, all that the server had for it has come.
    await other.PingAsync();
    await connection.PingAsync();
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
    try
    {
        return (await subscription.Msgs.ReadAsync(patience.Token)).Data!;
    }
    catch (OperationCanceledException)
    {
        return "nothing";
    }
}
PROGRAM
nats-server -a 127.0.0.1 -p -1 --ports_file_dir "$folder" -l "$folder/log" &
server=$!
dotnet build -v q >&2
until ls "$folder"/*.ports >/dev/null 2>&1; do sleep 0.1; done
seen=$(dotnet run --no-build "$(sed 's/.*"nats":\["\([^"]*\)".*/\1/' "$folder"/*.ports)")
echo "$seen"
[ "$seen" = $'NewInbox(): hello\nNewInbox() + ".x": nothing\n"_INBOX.own.x": hello' ]
