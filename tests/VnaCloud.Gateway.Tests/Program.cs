using VnaCloud.Gateway.Tests.Spool;

return args is [ReceivingChild.Argument, var path]
    ? await ReceivingChild.RunAsync(path)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
