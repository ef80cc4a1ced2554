namespace VnaCloud.EndToEnd.Tests.Faults;

/// <summary>A call at which a server dies.</summary>
/// <param name="Window">What it is about to do.</param>
/// <param name="Call">The system call.</param>
/// <param name="File">On this file of the data folder only; null for any.</param>
/// <param name="Most">One thread's calls before it dies, at most.</param>
internal sealed record KillPoint(string Window, string Call, string? File, int Most);
