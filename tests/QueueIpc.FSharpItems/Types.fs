namespace QueueIpc.FSharpItems

/// What a program in F# would put: it arrives, or Put says no.
type Order = { Id: int; Name: string }

type Basket =
    { Orders: Order list
      Prices: Map<string, decimal>
      Tags: Set<string>
      Pair: int * string
      Numbers: int[] }

type WithOption = { Note: string option }

[<CLIMutable>]
type Mutable = { mutable Count: int }

type Colour =
    | Red = 1
    | Green = 2

type Payment =
    | Cash
    | Card of number: string

type Size =
    | Small
    | Large

type Number = Number of int

type Customer(name: string) =
    member val Name = name with get, set

[<Struct>]
type Shape =
    | Circle of radius: float
    | Square of side: float

[<Struct>]
type Spot = { X: int; Y: int }

type Answers =
    static member Bad: Result<int, string> = Error "bad"
    static member Some: int voption = ValueSome 1
    static member Square: Shape = Square 2.0
    static member Order: Order = { Id = 1; Name = "a" }
    static member Option: int option = Some 1
    static member WithOption: WithOption = { Note = Some "n" }
    static member Payment: Payment = Card "1"
    static member Size: Size = Large
    static member Number: Number = Number 7
    static member List: int list = [ 1; 2 ]
    static member Map: Map<string, int> = Map [ "a", 1 ]
    static member Set: Set<int> = Set [ 2; 1 ]
    static member Mutable: Mutable = { Count = 3 }
    static member Spot: Spot = { X = 1; Y = 2 }
    static member Colour: Colour = Colour.Green
    static member Customer: Customer = Customer "c"
    static member Tuple: int * string = (1, "a")
    static member StructTuple: struct (int * string) = struct (1, "a")
    static member Anonymous: {| Id: int |} = {| Id = 5 |}
    static member Basket: Basket = { Orders = [ { Id = 1; Name = "a" } ]; Prices = Map [ "a", 1.5m ]; Tags = Set [ "t" ]; Pair = (1, "p"); Numbers = [| 1 |] }
