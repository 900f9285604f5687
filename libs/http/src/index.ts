export { type AdapterSettings, createAdapter, SERVER_LIMITS } from './adapter';
export { Answer } from './answer';
export { Browser, FromBrowser } from './browser';
export { anyOf, listOf, mapOf } from './compound-rules';
export { type CsvColumns, csvRecords } from './csv-records';
export { Cursors } from './cursors';
export { docsRoutes, type DocsSettings, yamlOf } from './docs';
export { Accepted, download, type DownloadOptions } from './download';
export { Drain, holdConnection, releaseConnection } from './drain';
export { etagOf, etagOfBytes, etagOfForm, matchOf, Precondition, type Versioned } from './etag';
export { callerAt } from './caller-address';
export { eventStream, LastEventId, type ServerEvent } from './event-stream';
export { ChosenBy, classNamed, Field, fieldsOf, partialOf, type Presence, schemaOf, Together } from './fields';
export { isHost } from './framing';
export { Gate } from './gate';
export { gunzip } from './gunzip';
export { HttpModule } from './http.module';
export { examine, objectOf, readQuery, variantOf } from './input';
export { type Allowance, allowanceField, type LimitName, LIMITS, type Limits, policyField, type Quota } from './limits';
export { Load } from './load';
export { ndjsonRecords, recordIn } from './ndjson-records';
export { type ApiDescription, describeApi, type OpenApiDocument, type OpenApiOperation } from './openapi';
export { Operation, type OperationConfig, operationNamed, type OperationOptions } from './operation';
export { Count, type Page, PageCursor, PageLimit, type PageQuery, Pages, pageOf } from './pages';
export { isRequestTimeout } from './patience';
export { IfMatch, PathId, PathParameter, pathParameterOf } from './parameters';
export { AUTHENTICATOR, type Authenticator, BearerToken, Caller, type Principal } from './principal';
export {
  definedProblems,
  defineProblem,
  type InputError,
  Problem,
  type ProblemDefinition,
  type Refusal,
} from './problem';
export { problemOf } from './problem.filter';
export { ProblemDocument } from './problem-view';
export * from './problems';
export { type LineRecord, MAX_RECORD_BYTES, type Reading } from './records';
export {
  choice,
  type Fault,
  exactNumber,
  finiteNumber,
  flag,
  identifier,
  moment,
  nothing,
  type Rule,
  text,
  wholeNumber,
} from './rules';
export { newRequestId } from './request-id';
export { type Scope, SCOPES } from './scopes';
export { SAFE_HEADERS, TLS_HEADERS } from './security-headers';
export { EXPOSED_HEADERS, type HttpSettings, setUpHttp } from './set-up';
export { readJson, strictJson } from './strict-json';
export { Turns } from './turns';
export { sendText, takesText } from './text-answer';
export { type Upload, UPLOAD_LIMITS, Uploaded } from './upload';
