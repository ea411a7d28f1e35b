using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Why a broker cannot be reached, or cannot start: the places, who owns them, and what is left over in them.</summary>
internal static class DoctorCommand
{
    public static ToolCommand Create()
    {
        var data = new Option<string?>("--data") { Description = "Looks at this directory of queues instead: whether a broker can use it, and whether all in it is as it was written." };
        return new ToolCommand(
            "doctor",
            "Looks for what keeps brokers and clients apart.",
            "queueipc doctor --broker orders",
            invocation => Run(invocation, invocation.Get(data)),
            data)
        {
            Details = """
                Looks at versions, paths, permissions, lock files and left-over sockets. Exit code 1 when
                something is not as it should be.
                """,
        };
    }

    private static int Run(Invocation invocation, string? data)
    {
        Finding[] findings = data is not null
            ? [.. Diagnosis.Versions(), .. DataDiagnosis.Of(data)]
            : [.. Diagnosis.Versions(), .. Diagnosis.Broker(invocation.BrokerSaid), .. Diagnosis.Directory(), .. Diagnosis.Endpoints()];
        if (invocation.Json)
        {
            Json.PrintArray(findings, (json, finding) =>
            {
                json.WriteString("what", finding.What);
                json.WriteString("value", finding.Value);
                json.WriteBoolean("ok", finding.Advice is null);
                if (finding.Advice is not null)
                {
                    json.WriteString("advice", finding.Advice);
                }
            });
        }
        else
        {
            foreach (var finding in findings)
            {
                Console.Out.WriteLine($"{(finding.Advice is null ? "ok  " : "BAD ")} {finding.What,-12} {Escapes.In(finding.Value)}");
                if (finding.Advice is not null)
                {
                    Console.Out.WriteLine($"     {string.Empty,-12} {Escapes.In(finding.Advice)}");
                }
            }
        }

        return findings.All(finding => finding.Advice is null) ? ExitCode.Done : ExitCode.Failed;
    }
}
