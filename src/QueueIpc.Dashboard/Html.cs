using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using QueueIpc.Cli.Output;

namespace QueueIpc.Dashboard;

/// <summary>Markup. What stands in the source is markup; what is put into it, from a queue or from a request, is text and can be nothing else.</summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text = new();

    public Html Add([InterpolatedStringHandlerArgument("")] ref Markup markup) => this;

    public Html AddEach<T>(IEnumerable<T> values, Action<Html, T> add)
    {
        foreach (var value in values)
        {
            add(this, value);
        }

        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>The holes of an interpolated string are encoded; control and format characters are seen as escapes.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup(int literalLength, int formattedCount, Html html)
    {
        private readonly StringBuilder _to = html._text;

        public int Expected { get; } = literalLength + formattedCount;

        public void AppendLiteral(string markup) => _to.Append(markup);

        public void AppendFormatted(Html? part) => _to.Append(part?._text);

        public void AppendFormatted(string? text) => _to.Append(Encoder.Encode(Escapes.In(text ?? string.Empty)));

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => _to.Append(Encoder.Encode(value.ToString(format, CultureInfo.InvariantCulture)));
    }
}
