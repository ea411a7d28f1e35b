namespace QueueIpc.FSharpItems

/// What a program in F# would put: it arrives, or Put says no.
type Order = { Id: int; Name: string }

[<Struct>]
type Shape =
    | Circle of radius: float
    | Square of side: float

type Answers =
    static member Bad: Result<int, string> = Error "bad"
    static member Some: int voption = ValueSome 1
    static member Square: Shape = Square 2.0
    static member Order: Order = { Id = 1; Name = "a" }
