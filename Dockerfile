# Three stages: what the service needs at run time, the compiled service, and both on a Node that can do nothing else.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the embedded PostgreSQL, which is an optional dependency: an image is given DATABASE_URL.
RUN npm ci --omit=dev --omit=optional

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json ./
COPY apps ./apps
COPY libs ./libs
RUN npm run build

FROM node:24-slim
# npm and its like are for building; what is not there can't be used by an intruder.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 ADMIN_PORT=off
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Of nobody: files belong to root, and the process writes none. It runs on a read-only file system.
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=2s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))"]
# Not through a shell, which would keep SIGTERM to itself. `npm run worker`'s file is dist/apps/api/src/worker.js.
STOPSIGNAL SIGTERM
CMD ["node", "dist/apps/api/src/main.js"]
