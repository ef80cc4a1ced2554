using VnaCloud.Cli;

return await VnaCommand.RunAsync(args, Terminal.OfProcess());
