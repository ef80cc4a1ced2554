# The server and the gateway as images, with vna in both (docs/deploy.md; why so: docs/adr/0021-image-and-chart.md).
#   docker build --target server -t vnacloud-server .
#   docker build --target gateway -t vnacloud-gateway .
# A site that mirrors images names its own, by digest. The worker is built where it will run: any ASP.NET image of the Debian family does.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${SDK_IMAGE} AS build
WORKDIR /src
COPY . .
ARG REVISION=unknown
RUN for project in Server Gateway Cli; do \
      dotnet publish "src/VnaCloud.$project" -c Release --use-current-runtime --self-contained false \
        -p:PublishReadyToRun=true -p:SourceRevisionId=$REVISION -o "/out/$project" || exit 1; \
    done

FROM ${NODE_IMAGE} AS viewer
WORKDIR /src
COPY eng eng
RUN eng/viewer.sh

FROM ${ASPNET_IMAGE} AS codecs
WORKDIR /src
COPY eng eng
COPY src/VnaCloud.Codecs src/VnaCloud.Codecs
RUN eng/codecs.sh

# What follows is also built by deploy/image.sh, which has the three stages above from the machine that it runs on.
FROM ${ASPNET_IMAGE} AS runtime
COPY --from=codecs /src/artifacts/codecs/runtime-packages /usr/share/doc/vnacloud/
RUN apt-get update \
 && xargs -a /usr/share/doc/vnacloud/runtime-packages apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
 && groupadd --gid 10001 vnacloud \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin vnacloud \
 && install -d -o 10001 -g 10001 -m 750 /data \
 && install -d /etc/vnacloud \
 && ln -s /app/vna/vna /usr/local/bin/vna
COPY LICENSE THIRD-PARTY-NOTICES.md /usr/share/doc/vnacloud/
COPY --from=build /out/Cli /app/vna
# Dumps and traces of the process would hold what patients' data passes through it; nobody but root needs to ask for them.
ENV DOTNET_EnableDiagnostics=0
# appsettings.json is read from the working directory: mount it there.
WORKDIR /etc/vnacloud
VOLUME ["/data", "/tmp"]
USER 10001:10001

FROM runtime AS gateway
COPY --from=build /out/Gateway /app/gateway
COPY --from=codecs /src/artifacts/codecs/vna-codec /app/gateway/
ENV Gateway__Spool__Path=/data
EXPOSE 11112 2762 8081
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["vna", "health", "http://127.0.0.1:8081/health/ready"]
ENTRYPOINT ["dotnet", "/app/gateway/vnacloud-gateway.dll"]

FROM runtime AS server
COPY --from=build /out/Server /app/server
COPY --from=codecs /src/artifacts/codecs/vna-codec /app/server/
COPY --from=viewer /src/artifacts/viewer /app/server/viewer
# Beyond loopback the server starts only when it is told who may come in: Vna__Auth__Mode.
ENV ASPNETCORE_HTTP_PORTS=8080 Vna__Storage__Path=/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["vna", "health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["dotnet", "/app/server/vnacloud-server.dll"]
