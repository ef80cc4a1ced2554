using VnaCloud.Gateway.Tests.Spool;

return args is [ReceivingChild.Argument, var path, var associations]
    ? await ReceivingChild.RunAsync(path, int.Parse(associations, null))
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
