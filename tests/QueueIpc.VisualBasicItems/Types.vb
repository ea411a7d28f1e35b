Imports System.Collections.Generic

''' <summary>What a program in Visual Basic would put.</summary>
Public Class Order
    Public Property Id As Integer
    Public Property Customer As String = "nobody"
    Public Property Lines As List(Of String) = New List(Of String)
    Public ReadOnly Property Total As Integer
        Get
            Return Lines.Count
        End Get
    End Property
    Private ReadOnly _secret As String = "secret"

    Public Function Secret() As String
        Return _secret
    End Function
End Class

Public Structure Spot
    Public Property X As Integer
    Public Property Y As Integer
End Structure
