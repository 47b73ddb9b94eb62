// The grammar that a KRI's query may use: kinds of nodes as Postgres' own parser names them, and of each the fields that
// may be there. What is not listed is refused, so a construct that nobody has thought of is too.

/**
 * `plain`: a word or a number · `node`, `nodes`: any listed kind · `gaps`: the same with empty places ·
 * a kind's name: that kind, written without its name.
 */
export type Field = 'plain' | 'node' | 'nodes' | 'gaps' | `:${string}`;
export type Shape = Readonly<Record<string, Field>>;

const EXPRESSION_LIST: Shape = { args: 'nodes', location: 'plain' };

export const SHAPES: Readonly<Record<string, Shape>> = {
  SelectStmt: {
    withClause: ':WithClause',
    distinctClause: 'gaps',
    targetList: 'nodes',
    fromClause: 'nodes',
    whereClause: 'node',
    groupClause: 'nodes',
    groupDistinct: 'plain',
    havingClause: 'node',
    windowClause: 'nodes',
    valuesLists: 'nodes',
    sortClause: 'nodes',
    limitOffset: 'node',
    limitCount: 'node',
    limitOption: 'plain',
    op: 'plain',
    all: 'plain',
    larg: ':SelectStmt',
    rarg: ':SelectStmt',
  },
  WithClause: { ctes: 'nodes', location: 'plain' },
  CommonTableExpr: {
    ctename: 'plain',
    aliascolnames: 'nodes',
    ctematerialized: 'plain',
    ctequery: 'node',
    location: 'plain',
  },
  ResTarget: { name: 'plain', val: 'node', location: 'plain' },
  ColumnRef: { fields: 'nodes', location: 'plain' },
  A_Star: {},
  String: { sval: 'plain' },
  Integer: { ival: 'plain' },
  Float: { fval: 'plain' },
  Boolean: { boolval: 'plain' },
  A_Const: {
    ival: ':Integer',
    fval: ':Float',
    sval: ':String',
    boolval: ':Boolean',
    isnull: 'plain',
    location: 'plain',
  },
  A_Expr: {
    kind: 'plain',
    name: 'nodes',
    lexpr: 'node',
    rexpr: 'node',
    rexpr_list_start: 'plain',
    rexpr_list_end: 'plain',
    location: 'plain',
  },
  List: { items: 'gaps' },
  BoolExpr: { boolop: 'plain', args: 'nodes', location: 'plain' },
  NullTest: { arg: 'node', nulltesttype: 'plain', argisrow: 'plain', location: 'plain' },
  BooleanTest: { arg: 'node', booltesttype: 'plain', location: 'plain' },
  CaseExpr: { arg: 'node', args: 'nodes', defresult: 'node', location: 'plain' },
  CaseWhen: { expr: 'node', result: 'node', location: 'plain' },
  CoalesceExpr: EXPRESSION_LIST,
  MinMaxExpr: { op: 'plain', ...EXPRESSION_LIST },
  SQLValueFunction: { op: 'plain', typmod: 'plain', location: 'plain' },
  TypeCast: { arg: 'node', typeName: ':TypeName', location: 'plain' },
  TypeName: {
    names: 'nodes',
    typmods: 'nodes',
    typemod: 'plain',
    arrayBounds: 'nodes',
    location: 'plain',
  },
  FuncCall: {
    funcname: 'nodes',
    args: 'nodes',
    agg_order: 'nodes',
    agg_filter: 'node',
    over: ':WindowDef',
    agg_within_group: 'plain',
    agg_star: 'plain',
    agg_distinct: 'plain',
    func_variadic: 'plain',
    funcformat: 'plain',
    location: 'plain',
  },
  NamedArgExpr: { name: 'plain', arg: 'node', argnumber: 'plain', location: 'plain' },
  SubLink: {
    subLinkType: 'plain',
    testexpr: 'node',
    operName: 'nodes',
    subselect: 'node',
    location: 'plain',
  },
  A_ArrayExpr: { elements: 'nodes', list_start: 'plain', list_end: 'plain', location: 'plain' },
  RowExpr: { row_format: 'plain', ...EXPRESSION_LIST },
  A_Indirection: { arg: 'node', indirection: 'nodes' },
  A_Indices: { is_slice: 'plain', lidx: 'node', uidx: 'node' },
  RangeVar: {
    schemaname: 'plain',
    relname: 'plain',
    inh: 'plain',
    relpersistence: 'plain',
    alias: ':Alias',
    location: 'plain',
  },
  Alias: { aliasname: 'plain', colnames: 'nodes' },
  JoinExpr: {
    jointype: 'plain',
    isNatural: 'plain',
    larg: 'node',
    rarg: 'node',
    usingClause: 'nodes',
    quals: 'node',
    alias: ':Alias',
    rtindex: 'plain',
  },
  RangeSubselect: { lateral: 'plain', subquery: 'node', alias: ':Alias' },
  RangeFunction: {
    lateral: 'plain',
    ordinality: 'plain',
    functions: 'nodes',
    alias: ':Alias',
    coldeflist: 'nodes',
  },
  ColumnDef: { colname: 'plain', typeName: ':TypeName', is_local: 'plain', location: 'plain' },
  SortBy: { node: 'node', sortby_dir: 'plain', sortby_nulls: 'plain', location: 'plain' },
  WindowDef: {
    name: 'plain',
    refname: 'plain',
    partitionClause: 'nodes',
    orderClause: 'nodes',
    frameOptions: 'plain',
    startOffset: 'node',
    endOffset: 'node',
    location: 'plain',
  },
  GroupingSet: { kind: 'plain', content: 'nodes', location: 'plain' },
  GroupingFunc: EXPRESSION_LIST,
};

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They read their arguments and nothing else, and answer about as much as they were given. */
export const FUNCTIONS = words(`
  count sum avg min max mode stddev stddev_pop stddev_samp variance var_pop var_samp percentile_cont percentile_disc
  bool_and bool_or every bit_and bit_or corr regr_slope string_agg array_agg json_agg jsonb_agg jsonb_object_agg
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  abs ceil ceiling floor round trunc sqrt power exp ln log mod sign width_bucket div
  lower upper initcap length char_length character_length octet_length btrim ltrim rtrim substring substr left right
  position strpos replace translate split_part concat concat_ws starts_with reverse ascii md5 to_char to_number
  regexp_match regexp_matches regexp_replace regexp_count regexp_like regexp_split_to_array regexp_split_to_table string_to_table
  like_escape similar_to_escape similar_escape
  now date date_trunc date_part extract age timezone to_timestamp to_date make_date make_timestamp make_interval date_bin
  justify_days justify_hours justify_interval isfinite overlaps
  array_length array_position array_to_string array_append array_cat array_remove cardinality string_to_array unnest
  json_array_length json_array_elements json_array_elements_text json_each json_each_text json_object_keys json_typeof
  json_extract_path json_extract_path_text json_build_object json_build_array
  jsonb_array_length jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys
  jsonb_typeof jsonb_extract_path jsonb_extract_path_text jsonb_build_object jsonb_build_array to_json to_jsonb
  jsonb_path_exists jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_path_match jsonb_strip_nulls
  jsonb_to_recordset jsonb_to_record
  host family masklen network netmask broadcast`);

export const TYPES = words(`
  bool boolean int2 int4 int8 float4 float8 numeric text varchar bpchar date time timetz timestamp timestamptz interval
  json jsonb jsonpath uuid inet cidr macaddr`);

export const OPERATORS = words(`
  = <> != < > <= >= + - * / % ^ || ~ ~* !~ !~* ~~ ~~* !~~ !~~* -> ->> #> #>> @> <@ ? ?| ?& && << >> <<= >>= & | # @? @@`);

/** The clock; not who is asking, and where. */
export const VALUE_FUNCTIONS = words(`
  SVFOP_CURRENT_DATE SVFOP_CURRENT_TIME SVFOP_CURRENT_TIME_N SVFOP_CURRENT_TIMESTAMP SVFOP_CURRENT_TIMESTAMP_N
  SVFOP_LOCALTIME SVFOP_LOCALTIME_N SVFOP_LOCALTIMESTAMP SVFOP_LOCALTIMESTAMP_N`);

/** What functions in FROM call their columns themselves; no function has such a name. */
export const RESULT_COLUMNS = words('key value ordinality');

/** Where a row is kept: the server's business. */
export const SYSTEM_COLUMNS = words('tableoid ctid xmin xmax cmin cmax');

/** Their rows are secrets in clear. */
export const SECRET_TABLES = words('aws_ssm_parameter');
