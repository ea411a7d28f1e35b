#!/usr/bin/env bash
# MessagePack for C# 2.5.307. An object that is none of the cases of its [Union] is written as nil, and a case that the reader does not know is read as null: both without an error.
# Seen on .NET 10.0.12, Linux:
#   written: c0
#   read: null
# Exits with 1 when that is not so any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > union.csproj <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="MessagePack" Version="2.5.307" />
    <PackageReference Include="Microsoft.NET.StringTools" Version="17.12.50" />
  </ItemGroup>
</Project>
PROJECT
cat > Program.cs <<'PROGRAM'
using MessagePack;

Console.WriteLine("written: " + Convert.ToHexStringLower(MessagePackSerializer.Serialize<IShape>(new Square { Side = 1 })));
Console.WriteLine("read: " + (MessagePackSerializer.Deserialize<IShape>(new byte[] { 0x92, 7, 0x91, 1 }) is null ? "null" : "an object"));

[Union(0, typeof(Circle))]
public interface IShape;

[MessagePackObject]
public class Circle : IShape
{
    [Key(0)]
    public double Radius { get; set; }
}

[MessagePackObject]
public class Square : IShape
{
    [Key(0)]
    public double Side { get; set; }
}
PROGRAM
seen=$(dotnet run)
echo "$seen"
[ "$seen" = $'written: c0\nread: null' ]
