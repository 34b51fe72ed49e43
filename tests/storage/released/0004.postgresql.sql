SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.account (
    account_id integer NOT NULL,
    name text NOT NULL,
    system text NOT NULL,
    base_currency text NOT NULL,
    time_zone text NOT NULL,
    language text NOT NULL,
    card_types text NOT NULL,
    clock_on date,
    ignore_unknown boolean NOT NULL,
    ignore_empty_lists boolean NOT NULL,
    auto_generate boolean DEFAULT true NOT NULL,
    generates_from date,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT account_base_currency_check CHECK ((length(base_currency) = 3))
);
CREATE SEQUENCE public.account_account_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.account_account_id_seq OWNED BY public.account.account_id;
CREATE TABLE public.autobill (
    account_id integer NOT NULL,
    recurring_id bigint NOT NULL,
    gateway_name text NOT NULL,
    key_version integer NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.billing_model (
    account_id integer NOT NULL,
    billing_model_id bigint NOT NULL,
    name text NOT NULL,
    rule text NOT NULL,
    locked boolean NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.client (
    organization text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    p_street1 text NOT NULL,
    p_street2 text NOT NULL,
    p_city text NOT NULL,
    p_state text NOT NULL,
    p_country text NOT NULL,
    p_code text NOT NULL,
    vat_name text NOT NULL,
    vat_number text NOT NULL,
    account_id integer NOT NULL,
    client_id bigint NOT NULL,
    s_street1 text NOT NULL,
    s_street2 text NOT NULL,
    s_city text NOT NULL,
    s_state text NOT NULL,
    s_country text NOT NULL,
    s_code text NOT NULL,
    email text NOT NULL,
    username text NOT NULL,
    work_phone text NOT NULL,
    home_phone text NOT NULL,
    mobile text NOT NULL,
    fax text NOT NULL,
    language text NOT NULL,
    currency_code text NOT NULL,
    notes text NOT NULL,
    view_key text NOT NULL,
    folder text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT client_folder_check CHECK ((folder = ANY (ARRAY['active'::text, 'archived'::text, 'deleted'::text])))
);
CREATE TABLE public.contact (
    account_id integer NOT NULL,
    contact_id bigint NOT NULL,
    client_id bigint NOT NULL,
    "position" integer NOT NULL,
    username text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    phone1 text NOT NULL,
    phone2 text NOT NULL
);
CREATE TABLE public.counter (
    account_id integer NOT NULL,
    noun text NOT NULL,
    last_id bigint NOT NULL
);
CREATE TABLE public.data_key (
    account_id integer NOT NULL,
    version integer NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL
);
CREATE TABLE public.gateway (
    account_id integer NOT NULL,
    name text NOT NULL,
    autobill_capable boolean NOT NULL
);
CREATE TABLE public.idempotency_key (
    account_id integer NOT NULL,
    key_hash text NOT NULL,
    key_version integer NOT NULL,
    request bytea NOT NULL,
    answer text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.invoice (
    organization text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    p_street1 text NOT NULL,
    p_street2 text NOT NULL,
    p_city text NOT NULL,
    p_state text NOT NULL,
    p_country text NOT NULL,
    p_code text NOT NULL,
    vat_name text NOT NULL,
    vat_number text NOT NULL,
    account_id integer NOT NULL,
    invoice_id bigint NOT NULL,
    number text NOT NULL,
    client_id bigint NOT NULL,
    recurring_id bigint,
    staff_id integer NOT NULL,
    contacts text NOT NULL,
    date date NOT NULL,
    due_on date DEFAULT '1970-01-01'::date NOT NULL,
    status text NOT NULL,
    folder text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    po_number text NOT NULL,
    discount text NOT NULL,
    notes text NOT NULL,
    terms text NOT NULL,
    currency_code text NOT NULL,
    language text NOT NULL,
    return_uri text NOT NULL,
    view_key text NOT NULL,
    amount_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT invoice_currency_code_check CHECK ((length(currency_code) = 3)),
    CONSTRAINT invoice_folder_check CHECK ((folder = ANY (ARRAY['active'::text, 'archived'::text, 'deleted'::text])))
);
CREATE TABLE public.invoice_line (
    line_id bigint NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    unit_cost text NOT NULL,
    quantity text NOT NULL,
    tax1_name text NOT NULL,
    tax2_name text NOT NULL,
    tax1_percent text NOT NULL,
    tax2_percent text NOT NULL,
    type text NOT NULL,
    account_id integer NOT NULL,
    invoice_id bigint NOT NULL,
    amount_minor bigint NOT NULL
);
CREATE TABLE public.key_check (
    key_id text NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.listing_block (
    account_id integer NOT NULL,
    noun text NOT NULL,
    block bigint NOT NULL,
    folder text NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT listing_block_folder_check CHECK ((folder = ANY (ARRAY['active'::text, 'archived'::text, 'deleted'::text]))),
    CONSTRAINT listing_block_size_check CHECK ((size >= 0))
);
CREATE TABLE public.login_failure (
    minute bigint NOT NULL,
    scope text NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.recurring (
    organization text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    p_street1 text NOT NULL,
    p_street2 text NOT NULL,
    p_city text NOT NULL,
    p_state text NOT NULL,
    p_country text NOT NULL,
    p_code text NOT NULL,
    vat_name text NOT NULL,
    vat_number text NOT NULL,
    account_id integer NOT NULL,
    recurring_id bigint NOT NULL,
    client_id bigint NOT NULL,
    staff_id integer NOT NULL,
    contacts text NOT NULL,
    rule text NOT NULL,
    start_on date NOT NULL,
    anchor_on date DEFAULT '1970-01-01'::date NOT NULL,
    end_on date,
    next_on date,
    occurrences integer NOT NULL,
    billed_count integer NOT NULL,
    last_billed_on date,
    passed_on date,
    skipped_on date,
    billed_now_on date,
    moved_to date,
    use_new_day boolean DEFAULT false NOT NULL,
    moved_on date,
    state text NOT NULL,
    folder text NOT NULL,
    po_number text NOT NULL,
    currency_code text NOT NULL,
    language text NOT NULL,
    notes text NOT NULL,
    terms text NOT NULL,
    discount text NOT NULL,
    return_uri text NOT NULL,
    send_snail_mail boolean NOT NULL,
    send_email boolean NOT NULL,
    due_days integer DEFAULT 0 NOT NULL,
    invoice_status text DEFAULT 'sent'::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    autopay boolean DEFAULT true NOT NULL,
    send_receipt text DEFAULT 'always'::text NOT NULL,
    attributes text DEFAULT '[]'::text NOT NULL,
    billing_model_id bigint DEFAULT 0 NOT NULL,
    parked_reason text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT recurring_check CHECK (((next_on IS NULL) OR ((state = 'active'::text) AND (folder = 'active'::text)))),
    CONSTRAINT recurring_currency_code_check CHECK ((length(currency_code) = 3)),
    CONSTRAINT recurring_folder_check CHECK ((folder = ANY (ARRAY['active'::text, 'archived'::text, 'deleted'::text]))),
    CONSTRAINT recurring_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'completed'::text])))
);
CREATE TABLE public.recurring_defaults (
    account_id integer NOT NULL,
    rule text NOT NULL,
    weekday text NOT NULL,
    occurrences integer NOT NULL,
    billing_model_id bigint
);
CREATE TABLE public.recurring_event (
    account_id integer NOT NULL,
    recurring_id bigint NOT NULL,
    number integer NOT NULL,
    client_id bigint,
    at timestamp with time zone NOT NULL,
    staff_id integer,
    what text NOT NULL,
    changes text NOT NULL
);
CREATE TABLE public.recurring_line (
    line_id bigint NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    unit_cost text NOT NULL,
    quantity text NOT NULL,
    tax1_name text NOT NULL,
    tax2_name text NOT NULL,
    tax1_percent text NOT NULL,
    tax2_percent text NOT NULL,
    type text NOT NULL,
    account_id integer NOT NULL,
    recurring_id bigint NOT NULL
);
CREATE TABLE public.request_count (
    account_id integer NOT NULL,
    day date NOT NULL,
    requests bigint NOT NULL
);
CREATE TABLE public.schema_migration (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp without time zone NOT NULL
);
CREATE SEQUENCE public.schema_migration_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.schema_migration_id_seq OWNED BY public.schema_migration.id;
CREATE TABLE public.staff (
    account_id integer NOT NULL,
    staff_id integer NOT NULL,
    username text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.staff_client (
    account_id integer NOT NULL,
    staff_id integer NOT NULL,
    client_id bigint NOT NULL
);
CREATE TABLE public.token (
    token_hash text NOT NULL,
    account_id integer NOT NULL,
    staff_id integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE public.worker_run (
    worker text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    tick_s integer NOT NULL,
    issued bigint NOT NULL,
    parked bigint NOT NULL,
    outcome text NOT NULL,
    CONSTRAINT worker_run_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'parked'::text, 'failed'::text])))
);
ALTER TABLE ONLY public.account ALTER COLUMN account_id SET DEFAULT nextval('public.account_account_id_seq'::regclass);
ALTER TABLE ONLY public.schema_migration ALTER COLUMN id SET DEFAULT nextval('public.schema_migration_id_seq'::regclass);
INSERT INTO public.account VALUES (1, 'Loom', 'loom', 'USD', 'America/New_York', 'en', 'VISA MASTERCARD AMEX DISCOVER DINERS JCB', NULL, false, false, true, NULL, '2026-03-02 15:00:00+00');
INSERT INTO public.account VALUES (2, 'Clocked', 'clocked', 'USD', 'America/New_York', 'en', 'VISA MASTERCARD AMEX DISCOVER DINERS JCB', '2008-01-31', false, false, true, NULL, '2026-03-02 15:00:00+00');
INSERT INTO public.autobill VALUES (1, 1, 'Authorize.Net', 1, '\xdc6076252481c24c48f0e69ab65a313281411a446f622cfd6443cf7049e4dc33cda8f384456cfa0a3e88309aa913b4076d0e2e4730f148252cf120a837b95997db75ef4489fdcba70579b4d54498a347b58ee9ec0fffacd33788537332e155fb58efe97897e0f2c8fe');
INSERT INTO public.autobill VALUES (1, 2, 'Authorize.Net', 1, '\x45cdcdc0cd7bea9e3877f1e0b2e6bd0c532df399eb202e92227f6fc1f7807b47821be4e512c118f9294695402be746a221bd64842ebd4dcb0e18bd3e93a6bd2ba14ebbbdde3fb786da0c60d57b19783aa72fe8d8f40e3e75233959ecadf48b5355e84c6aa2af80ac16');
INSERT INTO public.autobill VALUES (2, 1, 'Authorize.Net', 1, '\x84058a06da722ad3ff231530d7bee72e322e6a6b156c931c10b814182663a42ce48ce0b38fb8b6e63671e143c5c11822061033966820cf6e56003b463533ef2590f4389f4a175e75e367c1dc1792d72db8518f98cf4ba7f6b3bd545b223470e996721067688a349d1c');
INSERT INTO public.autobill VALUES (2, 2, 'Authorize.Net', 1, '\x396e688f5fb249ec4333830aa5f06bee22b27f90510e4272c1fffd570716a9892321ee2116a7a06312c825ba221d7523f55e336f1f3331ab9628bda9259fc4f22ba4987e9a0c05ecf55f9abdb7ab4efed9265d8f11f46b6093b21dbe9bc041585041131045ce680ce1');
INSERT INTO public.billing_model VALUES (1, 1, 'One Time Purchase', '{"kind": "once"}', true, '2026-03-02 15:00:00+00');
INSERT INTO public.billing_model VALUES (2, 1, 'One Time Purchase', '{"kind": "once"}', true, '2026-03-02 15:00:00+00');
INSERT INTO public.billing_model VALUES (1, 2, 'Middles', '{"kind": "month_days", "days": [15], "interval": 1}', false, '2026-03-02 15:00:00+00');
INSERT INTO public.billing_model VALUES (2, 2, 'Middles', '{"kind": "month_days", "days": [15], "interval": 1}', false, '2007-09-01 04:00:00+00');
INSERT INTO public.client VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 1, '', '', '', '', '', '', 'ada@loom.test', 'loomltd', '', '', '', '', 'en', 'USD', '', '00000000000000000000000000000004', 'active', '2026-03-02 15:00:00+00');
INSERT INTO public.client VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 2, '', '', '', '', '', '', 'ada@loom.test', 'tick&söhne', '', '', '', '', 'en', 'USD', '', '00000000000000000000000000000006', 'active', '2026-03-02 15:00:00+00');
INSERT INTO public.client VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 1, 3, '', '', '', '', '', '', 'ada@loom.test', 'gone', '', '', '', '', 'en', 'USD', '', '00000000000000000000000000000008', 'deleted', '2026-03-02 15:00:00+00');
INSERT INTO public.client VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 1, '', '', '', '', '', '', 'ada@loom.test', 'loomltd', '', '', '', '', 'en', 'USD', '', '0000000000000000000000000000001e', 'active', '2007-09-01 04:00:00+00');
INSERT INTO public.client VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 2, '', '', '', '', '', '', 'ada@loom.test', 'tick&söhne', '', '', '', '', 'en', 'USD', '', '00000000000000000000000000000020', 'active', '2007-09-01 04:00:00+00');
INSERT INTO public.client VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 2, 3, '', '', '', '', '', '', 'ada@loom.test', 'gone', '', '', '', '', 'en', 'USD', '', '00000000000000000000000000000022', 'deleted', '2007-09-01 04:00:00+00');
INSERT INTO public.client VALUES ('', '', '', '', '', '', '', '', '', '', '', 1, 4, '', '', '', '', '', '', 'eve@tick.test', 'eve', '', '', '', '', 'en', 'USD', '', '0000000000000000000000000000004d', 'active', '2026-07-04 15:00:00+00');
INSERT INTO public.contact VALUES (1, 1, 2, 0, 'bob', '', '', 'bob@tick.test', '', '');
INSERT INTO public.contact VALUES (1, 2, 2, 1, 'eve', '', '', 'eve@tick.test', '', '');
INSERT INTO public.contact VALUES (2, 1, 2, 0, 'bob', '', '', 'bob@tick.test', '', '');
INSERT INTO public.contact VALUES (2, 2, 2, 1, 'eve', '', '', 'eve@tick.test', '', '');
INSERT INTO public.counter VALUES (1, 'contact', 2);
INSERT INTO public.counter VALUES (1, 'recurring', 7);
INSERT INTO public.counter VALUES (1, 'recurring_line', 14);
INSERT INTO public.counter VALUES (1, 'billing_model', 2);
INSERT INTO public.counter VALUES (2, 'contact', 2);
INSERT INTO public.counter VALUES (2, 'client', 3);
INSERT INTO public.counter VALUES (2, 'recurring', 7);
INSERT INTO public.counter VALUES (2, 'recurring_line', 14);
INSERT INTO public.counter VALUES (2, 'billing_model', 2);
INSERT INTO public.counter VALUES (1, 'invoice', 14);
INSERT INTO public.counter VALUES (1, 'invoice_number', 14);
INSERT INTO public.counter VALUES (1, 'invoice_line', 28);
INSERT INTO public.counter VALUES (2, 'invoice', 16);
INSERT INTO public.counter VALUES (2, 'invoice_number', 16);
INSERT INTO public.counter VALUES (2, 'invoice_line', 32);
INSERT INTO public.counter VALUES (1, 'client', 4);
INSERT INTO public.data_key VALUES (1, 1, 'k1', '\xf972d3733b649a855a69191ea8607f2d979f5cdcccc73cbd9d607a81804bca2d037a99faf15cb7465d1324d4fb09908c61a8b71e2c0edc58a71cac84');
INSERT INTO public.data_key VALUES (2, 1, 'k1', '\xc3e4b2ee8f49b44bfac328735c498ce097d8bda7f4ab69a52ed6faa88f3dce7a465244829a7c9bbb7e43d1796bae22f3857d7c70217ce001a07b94c6');
INSERT INTO public.gateway VALUES (1, 'Authorize.Net', true);
INSERT INTO public.gateway VALUES (1, 'PayPal', false);
INSERT INTO public.gateway VALUES (1, 'PayPal Payflow Pro', true);
INSERT INTO public.gateway VALUES (2, 'Authorize.Net', true);
INSERT INTO public.gateway VALUES (2, 'PayPal', false);
INSERT INTO public.gateway VALUES (2, 'PayPal Payflow Pro', true);
INSERT INTO public.idempotency_key VALUES (1, 'b6d998b6ecfcc1d2e9ce3ab247780abb76f701951f938a4c274f8a7551a90656', 1, '\x49cec126ee94c6f5ce9534c2176dab02029eb2e1b79626aabd82895f2867146f9888dbf0f9b6ce37730b5ead458e5e7910739623de298bd1259828d1', '<?xml version="1.0" encoding="utf-8"?>
<response xmlns="http://www.freshbooks.com/api/" status="ok">
  <client_id>4</client_id>
</response>
', '2026-07-04 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 1, '0000001', 1, 1, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '0000000000000000000000000000000a', 13444, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 2, '0000002', 2, 2, 1, '1', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000000c', 14534, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 3, '0000003', 2, 3, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000000e', 14534, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 4, '0000004', 1, 4, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', '', '', 'JPY', 'en', '', '00000000000000000000000000000010', 146, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 5, '0000005', 1, 5, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', 'parked', '', 'USD', 'en', '', '00000000000000000000000000000013', 14534, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 6, '0000006', 1, 6, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000015', 14534, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 1, 7, '0000007', 3, 7, 1, '', '2026-03-02', '2026-03-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000018', 14534, 0, '2026-03-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 1, '0000001', 1, 1, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000024', 13444, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 2, '0000002', 2, 2, 1, '1', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000026', 14534, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 3, '0000003', 2, 3, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000028', 14534, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 4, '0000004', 1, 4, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', '', '', 'JPY', 'en', '', '0000000000000000000000000000002a', 146, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 5, '0000005', 1, 5, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', 'parked', '', 'USD', 'en', '', '0000000000000000000000000000002d', 14534, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 6, '0000006', 1, 6, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000002f', 14534, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 2, 7, '0000007', 3, 7, 1, '', '2007-09-01', '2007-09-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000032', 14534, 0, '2007-09-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 8, '0000008', 1, 1, 1, '', '2026-04-02', '2026-04-02', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000039', 13444, 0, '2026-04-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 9, '0000009', 2, 2, 1, '1', '2026-04-02', '2026-04-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000003a', 14534, 0, '2026-04-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 10, '0000010', 2, 3, 1, '', '2026-04-02', '2026-04-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000003b', 14534, 0, '2026-04-02 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 11, '0000011', 1, 1, 1, '', '2026-05-02', '2026-05-02', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '0000000000000000000000000000003d', 13444, 0, '2026-05-03 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 12, '0000012', 2, 2, 1, '1', '2026-05-02', '2026-05-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000003e', 14534, 0, '2026-05-03 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 13, '0000013', 1, 1, 1, '', '2026-06-02', '2026-06-02', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000040', 13444, 0, '2026-06-03 15:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 14, '0000014', 2, 2, 1, '1', '2026-06-02', '2026-06-02', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000041', 14534, 0, '2026-06-03 15:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 8, '0000008', 1, 1, 1, '', '2007-10-01', '2007-10-01', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000043', 13444, 0, '2007-10-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 9, '0000009', 2, 2, 1, '1', '2007-10-01', '2007-10-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000044', 14534, 0, '2007-10-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 10, '0000010', 2, 3, 1, '', '2007-10-01', '2007-10-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000045', 14534, 0, '2007-10-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 11, '0000011', 1, 1, 1, '', '2007-11-01', '2007-11-01', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000046', 13444, 0, '2007-11-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 12, '0000012', 2, 2, 1, '1', '2007-11-01', '2007-11-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000047', 14534, 0, '2007-11-01 04:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 13, '0000013', 1, 1, 1, '', '2007-12-01', '2007-12-01', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '00000000000000000000000000000048', 13444, 0, '2007-12-01 05:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 14, '0000014', 2, 2, 1, '1', '2007-12-01', '2007-12-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '00000000000000000000000000000049', 14534, 0, '2007-12-01 05:00:00+00');
INSERT INTO public.invoice VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 15, '0000015', 1, 1, 1, '', '2008-01-01', '2008-01-01', 'sent', 'active', '', '', '7.5', '', '', 'USD', 'en', '', '0000000000000000000000000000004a', 13444, 0, '2008-01-01 05:00:00+00');
INSERT INTO public.invoice VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 16, '0000016', 2, 2, 1, '1', '2008-01-01', '2008-01-01', 'sent', 'active', '', '', '0', '', '', 'USD', 'en', '', '0000000000000000000000000000004b', 14534, 0, '2008-01-01 05:00:00+00');
INSERT INTO public.invoice_line VALUES (1, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 1, 11999);
INSERT INTO public.invoice_line VALUES (2, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 1, 255);
INSERT INTO public.invoice_line VALUES (3, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 2, 11999);
INSERT INTO public.invoice_line VALUES (4, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 2, 255);
INSERT INTO public.invoice_line VALUES (5, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 3, 11999);
INSERT INTO public.invoice_line VALUES (6, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 3, 255);
INSERT INTO public.invoice_line VALUES (7, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 4, 120);
INSERT INTO public.invoice_line VALUES (8, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 4, 3);
INSERT INTO public.invoice_line VALUES (9, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 5, 11999);
INSERT INTO public.invoice_line VALUES (10, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 5, 255);
INSERT INTO public.invoice_line VALUES (11, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 6, 11999);
INSERT INTO public.invoice_line VALUES (12, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 6, 255);
INSERT INTO public.invoice_line VALUES (13, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 7, 11999);
INSERT INTO public.invoice_line VALUES (14, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 7, 255);
INSERT INTO public.invoice_line VALUES (1, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 1, 11999);
INSERT INTO public.invoice_line VALUES (2, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 1, 255);
INSERT INTO public.invoice_line VALUES (3, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 2, 11999);
INSERT INTO public.invoice_line VALUES (4, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 2, 255);
INSERT INTO public.invoice_line VALUES (5, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 3, 11999);
INSERT INTO public.invoice_line VALUES (6, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 3, 255);
INSERT INTO public.invoice_line VALUES (7, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 4, 120);
INSERT INTO public.invoice_line VALUES (8, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 4, 3);
INSERT INTO public.invoice_line VALUES (9, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 5, 11999);
INSERT INTO public.invoice_line VALUES (10, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 5, 255);
INSERT INTO public.invoice_line VALUES (11, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 6, 11999);
INSERT INTO public.invoice_line VALUES (12, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 6, 255);
INSERT INTO public.invoice_line VALUES (13, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 7, 11999);
INSERT INTO public.invoice_line VALUES (14, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 7, 255);
INSERT INTO public.invoice_line VALUES (15, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 8, 11999);
INSERT INTO public.invoice_line VALUES (16, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 8, 255);
INSERT INTO public.invoice_line VALUES (17, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 9, 11999);
INSERT INTO public.invoice_line VALUES (18, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 9, 255);
INSERT INTO public.invoice_line VALUES (19, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 10, 11999);
INSERT INTO public.invoice_line VALUES (20, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 10, 255);
INSERT INTO public.invoice_line VALUES (21, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 11, 11999);
INSERT INTO public.invoice_line VALUES (22, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 11, 255);
INSERT INTO public.invoice_line VALUES (23, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 12, 11999);
INSERT INTO public.invoice_line VALUES (24, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 12, 255);
INSERT INTO public.invoice_line VALUES (25, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 13, 11999);
INSERT INTO public.invoice_line VALUES (26, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 13, 255);
INSERT INTO public.invoice_line VALUES (27, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 14, 11999);
INSERT INTO public.invoice_line VALUES (28, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 14, 255);
INSERT INTO public.invoice_line VALUES (15, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 8, 11999);
INSERT INTO public.invoice_line VALUES (16, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 8, 255);
INSERT INTO public.invoice_line VALUES (17, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 9, 11999);
INSERT INTO public.invoice_line VALUES (18, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 9, 255);
INSERT INTO public.invoice_line VALUES (19, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 10, 11999);
INSERT INTO public.invoice_line VALUES (20, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 10, 255);
INSERT INTO public.invoice_line VALUES (21, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 11, 11999);
INSERT INTO public.invoice_line VALUES (22, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 11, 255);
INSERT INTO public.invoice_line VALUES (23, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 12, 11999);
INSERT INTO public.invoice_line VALUES (24, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 12, 255);
INSERT INTO public.invoice_line VALUES (25, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 13, 11999);
INSERT INTO public.invoice_line VALUES (26, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 13, 255);
INSERT INTO public.invoice_line VALUES (27, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 14, 11999);
INSERT INTO public.invoice_line VALUES (28, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 14, 255);
INSERT INTO public.invoice_line VALUES (29, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 15, 11999);
INSERT INTO public.invoice_line VALUES (30, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 15, 255);
INSERT INTO public.invoice_line VALUES (31, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 16, 11999);
INSERT INTO public.invoice_line VALUES (32, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 16, 255);
INSERT INTO public.key_check VALUES ('k1', '\x79c3731d947648d43d8e08d78f8918dc2a0789a2b19347bb9bf0c35c027b548691c3e53619');
INSERT INTO public.listing_block VALUES (1, 'recurring', 0, 'deleted', 1);
INSERT INTO public.listing_block VALUES (1, 'recurring', 0, 'active', 6);
INSERT INTO public.listing_block VALUES (1, 'client', 0, 'deleted', 1);
INSERT INTO public.listing_block VALUES (2, 'recurring', 0, 'deleted', 1);
INSERT INTO public.listing_block VALUES (2, 'recurring', 0, 'active', 6);
INSERT INTO public.listing_block VALUES (2, 'client', 0, 'active', 2);
INSERT INTO public.listing_block VALUES (2, 'client', 0, 'deleted', 1);
INSERT INTO public.listing_block VALUES (1, 'invoice', 0, 'active', 14);
INSERT INTO public.listing_block VALUES (2, 'invoice', 0, 'active', 16);
INSERT INTO public.listing_block VALUES (1, 'client', 0, 'active', 3);
INSERT INTO public.login_failure VALUES (29719620, '8d7218b8fdd5ceb1fd76382106dcc9661710c417138bd0a8d560d10b5f166a88', 1);
INSERT INTO public.login_failure VALUES (29719620, 'a15c9f518da60f6e69e3d5c2f986dc42fec4073cccab1817934a5ca28f03753d', 1);
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 4, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, NULL, 0, 1, '2026-03-02', NULL, NULL, NULL, NULL, false, NULL, 'paused', 'active', '', 'JPY', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 6, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, NULL, 0, 1, '2026-03-02', NULL, NULL, NULL, NULL, false, NULL, 'active', 'deleted', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 1, 7, 3, 1, '', '{"kind": "interval", "freq": "weekly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, NULL, 0, 1, '2026-03-02', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 4, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, NULL, 0, 1, '2007-09-01', NULL, NULL, NULL, NULL, false, NULL, 'paused', 'active', '', 'JPY', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 6, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, NULL, 0, 1, '2007-09-01', NULL, NULL, NULL, NULL, false, NULL, 'active', 'deleted', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Gone', '', '', '', '', '', '', '', '', '', '', 2, 7, 3, 1, '', '{"kind": "interval", "freq": "weekly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, NULL, 0, 1, '2007-09-01', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 5, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, '2026-04-02', 0, 1, '2026-03-02', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', 'parked', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '2026-03-02: ValueError', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 5, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, '2007-10-01', 0, 1, '2007-09-01', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', 'parked', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '2026-03-02: ValueError', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 3, 2, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, NULL, 2, 2, '2026-04-02', NULL, NULL, NULL, NULL, false, NULL, 'completed', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 1, 1, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, '2026-07-02', 0, 4, '2026-06-02', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '7.5', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 1, 2, 2, 1, '1', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2026-03-02', '2026-03-02', NULL, '2026-07-02', 0, 4, '2026-06-02', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2026-03-02 15:00:00+00');
INSERT INTO public.recurring VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 3, 2, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, NULL, 2, 2, '2007-10-01', NULL, NULL, NULL, NULL, false, NULL, 'completed', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Loom Ltd', '', '', '', '', '', '', '', '', '', '', 2, 1, 1, 1, '', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, '2008-02-01', 0, 5, '2008-01-01', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '7.5', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring VALUES ('Tick & Söhne', '', '', '', '', '', '', '', '', '', '', 2, 2, 2, 1, '1', '{"kind": "interval", "freq": "monthly", "interval": 1}', '2007-09-01', '2007-09-01', NULL, '2008-02-01', 0, 5, '2008-01-01', NULL, NULL, NULL, NULL, false, NULL, 'active', 'active', '', 'USD', 'en', '', '', '0', '', false, true, 0, 'sent', '', true, 'always', '[]', 0, '', '2007-09-01 04:00:00+00');
INSERT INTO public.recurring_defaults VALUES (1, '{"kind": "interval", "freq": "weekly", "interval": 2}', '', 0, 2);
INSERT INTO public.recurring_defaults VALUES (2, '{"kind": "interval", "freq": "weekly", "interval": 2}', '', 0, 2);
INSERT INTO public.recurring_event VALUES (1, 1, 1, 1, '2026-03-02 15:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************1111"], ["invoice_id", "", "1"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 2, 1, 2, '2026-03-02 15:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************4444"], ["invoice_id", "", "2"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 3, 1, 2, '2026-03-02 15:00:00+00', 1, 'create', '[["invoice_id", "", "3"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 4, 1, 1, '2026-03-02 15:00:00+00', 1, 'create', '[["invoice_id", "", "4"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 4, 2, 1, '2026-03-02 15:00:00+00', 1, 'update', '[["state", "active", "paused"], ["next_issue_date", "2026-04-02", ""]]');
INSERT INTO public.recurring_event VALUES (1, 5, 1, 1, '2026-03-02 15:00:00+00', 1, 'create', '[["invoice_id", "", "5"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 6, 1, 1, '2026-03-02 15:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************1111"], ["invoice_id", "", "6"], ["next_issue_date", "2026-03-02", "2026-04-02"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 6, 2, 1, '2026-03-02 15:00:00+00', 1, 'delete', '[["autobill", "Authorize.Net ************1111", ""], ["folder", "active", "deleted"], ["next_issue_date", "2026-04-02", ""]]');
INSERT INTO public.recurring_event VALUES (1, 7, 1, 3, '2026-03-02 15:00:00+00', 1, 'create', '[["invoice_id", "", "7"], ["next_issue_date", "2026-03-02", "2026-03-09"], ["last_invoice_date", "", "2026-03-02"]]');
INSERT INTO public.recurring_event VALUES (1, 7, 2, 3, '2026-03-02 15:00:00+00', 1, 'client.delete', '[["next_issue_date", "2026-03-09", ""]]');
INSERT INTO public.recurring_event VALUES (2, 1, 1, 1, '2007-09-01 04:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************1111"], ["invoice_id", "", "1"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 2, 1, 2, '2007-09-01 04:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************4444"], ["invoice_id", "", "2"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 3, 1, 2, '2007-09-01 04:00:00+00', 1, 'create', '[["invoice_id", "", "3"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 4, 1, 1, '2007-09-01 04:00:00+00', 1, 'create', '[["invoice_id", "", "4"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 4, 2, 1, '2007-09-01 04:00:00+00', 1, 'update', '[["state", "active", "paused"], ["next_issue_date", "2007-10-01", ""]]');
INSERT INTO public.recurring_event VALUES (2, 5, 1, 1, '2007-09-01 04:00:00+00', 1, 'create', '[["invoice_id", "", "5"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 6, 1, 1, '2007-09-01 04:00:00+00', 1, 'create', '[["autobill", "", "Authorize.Net ************1111"], ["invoice_id", "", "6"], ["next_issue_date", "2007-09-01", "2007-10-01"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 6, 2, 1, '2007-09-01 04:00:00+00', 1, 'delete', '[["autobill", "Authorize.Net ************1111", ""], ["folder", "active", "deleted"], ["next_issue_date", "2007-10-01", ""]]');
INSERT INTO public.recurring_event VALUES (2, 7, 1, 3, '2007-09-01 04:00:00+00', 1, 'create', '[["invoice_id", "", "7"], ["next_issue_date", "2007-09-01", "2007-09-08"], ["last_invoice_date", "", "2007-09-01"]]');
INSERT INTO public.recurring_event VALUES (2, 7, 2, 3, '2007-09-01 04:00:00+00', 1, 'client.delete', '[["next_issue_date", "2007-09-08", ""]]');
INSERT INTO public.recurring_event VALUES (1, 3, 2, 2, '2026-04-02 15:00:00+00', NULL, 'complete', '[["state", "active", "completed"]]');
INSERT INTO public.recurring_event VALUES (2, 3, 2, 2, '2007-10-01 04:00:00+00', NULL, 'complete', '[["state", "active", "completed"]]');
INSERT INTO public.recurring_line VALUES (1, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 1);
INSERT INTO public.recurring_line VALUES (2, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 1);
INSERT INTO public.recurring_line VALUES (3, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 2);
INSERT INTO public.recurring_line VALUES (4, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 2);
INSERT INTO public.recurring_line VALUES (5, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 3);
INSERT INTO public.recurring_line VALUES (6, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 3);
INSERT INTO public.recurring_line VALUES (7, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 4);
INSERT INTO public.recurring_line VALUES (8, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 4);
INSERT INTO public.recurring_line VALUES (9, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 5);
INSERT INTO public.recurring_line VALUES (10, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 5);
INSERT INTO public.recurring_line VALUES (11, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 6);
INSERT INTO public.recurring_line VALUES (12, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 6);
INSERT INTO public.recurring_line VALUES (13, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 1, 7);
INSERT INTO public.recurring_line VALUES (14, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 1, 7);
INSERT INTO public.recurring_line VALUES (1, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 1);
INSERT INTO public.recurring_line VALUES (2, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 1);
INSERT INTO public.recurring_line VALUES (3, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 2);
INSERT INTO public.recurring_line VALUES (4, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 2);
INSERT INTO public.recurring_line VALUES (5, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 3);
INSERT INTO public.recurring_line VALUES (6, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 3);
INSERT INTO public.recurring_line VALUES (7, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 4);
INSERT INTO public.recurring_line VALUES (8, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 4);
INSERT INTO public.recurring_line VALUES (9, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 5);
INSERT INTO public.recurring_line VALUES (10, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 5);
INSERT INTO public.recurring_line VALUES (11, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 6);
INSERT INTO public.recurring_line VALUES (12, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 6);
INSERT INTO public.recurring_line VALUES (13, 0, 'Hosting', 'Plan B, übrig', '39.995', '3', 'VAT', '', '19', '0', 'Item', 2, 7);
INSERT INTO public.recurring_line VALUES (14, 1, 'Backup', '', '5.10', '0.5', '', '', '0', '0', 'Item', 2, 7);
INSERT INTO public.request_count VALUES (1, '2026-03-02', 16);
INSERT INTO public.request_count VALUES (2, '2007-09-01', 17);
INSERT INTO public.schema_migration VALUES (1, '0002_workers', '2026-11-24 12:35:16.397904');
INSERT INTO public.schema_migration VALUES (2, '0003_tenants', '2026-11-24 12:35:16.398783');
INSERT INTO public.schema_migration VALUES (3, '0004_schedules', '2026-11-24 12:35:16.399189');
INSERT INTO public.staff VALUES (1, 1, 'admin', '', '', '', '2026-03-02 15:00:00+00');
INSERT INTO public.staff VALUES (2, 1, 'admin', '', '', '', '2007-09-01 04:00:00+00');
INSERT INTO public.staff VALUES (1, 2, 'grace', '', '', '', '2026-07-04 15:00:00+00');
INSERT INTO public.staff_client VALUES (1, 2, 1);
INSERT INTO public.token VALUES ('e0cca2965509df678c8064f5e0b9076016fa752f88a6c749768db83479450cc5', 1, 1, '2026-03-02 15:00:00+00', NULL);
INSERT INTO public.token VALUES ('d2b1f1d83f0ad4f52dec8a1e2091f5c94ffad00ed3528362353fbe97aacd0187', 2, 1, '2026-03-02 15:00:00+00', NULL);
INSERT INTO public.token VALUES ('6c283670e2e86fa5356b52a9afd8c415d56c4366fd221246d765b5cb1ddfc752', 1, 1, '2026-03-02 15:00:00+00', NULL);
INSERT INTO public.worker_run VALUES ('loom:1', '2026-06-03 15:00:00+00', '2026-06-03 15:00:00+00', 5, 0, 0, 'done');
SELECT pg_catalog.setval('public.account_account_id_seq', 2, true);
SELECT pg_catalog.setval('public.schema_migration_id_seq', 3, true);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.autobill
    ADD CONSTRAINT autobill_pkey PRIMARY KEY (account_id, recurring_id);
ALTER TABLE ONLY public.billing_model
    ADD CONSTRAINT billing_model_pkey PRIMARY KEY (account_id, billing_model_id);
ALTER TABLE ONLY public.client
    ADD CONSTRAINT client_pkey PRIMARY KEY (account_id, client_id);
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (account_id, contact_id);
ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (account_id, noun);
ALTER TABLE ONLY public.data_key
    ADD CONSTRAINT data_key_pkey PRIMARY KEY (account_id, version);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_pkey PRIMARY KEY (account_id, name);
ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (account_id, key_hash);
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_pkey PRIMARY KEY (account_id, invoice_id, "position");
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (account_id, invoice_id);
ALTER TABLE ONLY public.key_check
    ADD CONSTRAINT key_check_pkey PRIMARY KEY (key_id);
ALTER TABLE ONLY public.listing_block
    ADD CONSTRAINT listing_block_pkey PRIMARY KEY (account_id, noun, block, folder);
ALTER TABLE ONLY public.login_failure
    ADD CONSTRAINT login_failure_pkey PRIMARY KEY (minute, scope);
ALTER TABLE ONLY public.recurring_defaults
    ADD CONSTRAINT recurring_defaults_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.recurring_event
    ADD CONSTRAINT recurring_event_pkey PRIMARY KEY (account_id, recurring_id, number);
ALTER TABLE ONLY public.recurring_line
    ADD CONSTRAINT recurring_line_pkey PRIMARY KEY (account_id, recurring_id, "position");
ALTER TABLE ONLY public.recurring
    ADD CONSTRAINT recurring_pkey PRIMARY KEY (account_id, recurring_id);
ALTER TABLE ONLY public.request_count
    ADD CONSTRAINT request_count_pkey PRIMARY KEY (account_id, day);
ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.staff_client
    ADD CONSTRAINT staff_client_pkey PRIMARY KEY (account_id, staff_id, client_id);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (account_id, staff_id);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.worker_run
    ADD CONSTRAINT worker_run_pkey PRIMARY KEY (worker);
CREATE UNIQUE INDEX account_name ON public.account USING btree (name);
CREATE UNIQUE INDEX account_system ON public.account USING btree (system);
CREATE UNIQUE INDEX billing_model_account_id_name ON public.billing_model USING btree (account_id, name);
CREATE INDEX client_account_id_email ON public.client USING btree (account_id, email);
CREATE INDEX client_account_id_updated_at ON public.client USING btree (account_id, updated_at);
CREATE UNIQUE INDEX client_account_id_view_key ON public.client USING btree (account_id, view_key);
CREATE UNIQUE INDEX contact_account_id_client_id_position ON public.contact USING btree (account_id, client_id, "position");
CREATE INDEX idempotency_key_created_at ON public.idempotency_key USING btree (created_at);
CREATE INDEX invoice_account_id_client_id_invoice_id_folder ON public.invoice USING btree (account_id, client_id, invoice_id, folder);
CREATE UNIQUE INDEX invoice_account_id_number ON public.invoice USING btree (account_id, number);
CREATE UNIQUE INDEX invoice_account_id_recurring_id_date ON public.invoice USING btree (account_id, recurring_id, date);
CREATE INDEX invoice_account_id_updated_at_invoice_id_folder ON public.invoice USING btree (account_id, updated_at, invoice_id, folder);
CREATE UNIQUE INDEX invoice_account_id_view_key ON public.invoice USING btree (account_id, view_key);
CREATE UNIQUE INDEX invoice_line_account_id_line_id ON public.invoice_line USING btree (account_id, line_id);
CREATE INDEX recurring_account_id_client_id_recurring_id_folder ON public.recurring USING btree (account_id, client_id, recurring_id, folder);
CREATE INDEX recurring_account_id_updated_at_recurring_id_folder ON public.recurring USING btree (account_id, updated_at, recurring_id, folder);
CREATE INDEX recurring_due ON public.recurring USING btree (next_on, account_id, recurring_id) WHERE ((next_on IS NOT NULL) AND (parked_reason = ''::text));
CREATE INDEX recurring_due_of_account ON public.recurring USING btree (account_id, next_on, recurring_id) WHERE ((next_on IS NOT NULL) AND (parked_reason = ''::text));
CREATE UNIQUE INDEX recurring_line_account_id_line_id ON public.recurring_line USING btree (account_id, line_id);
CREATE INDEX recurring_parked ON public.recurring USING btree (account_id, recurring_id) WHERE (parked_reason <> ''::text);
CREATE UNIQUE INDEX schema_migration_name ON public.schema_migration USING btree (name);
CREATE UNIQUE INDEX staff_account_id_username ON public.staff USING btree (account_id, username);
CREATE INDEX token_account_id ON public.token USING btree (account_id);
ALTER TABLE ONLY public.autobill
    ADD CONSTRAINT autobill_account_id_key_version_fkey FOREIGN KEY (account_id, key_version) REFERENCES public.data_key(account_id, version);
ALTER TABLE ONLY public.autobill
    ADD CONSTRAINT autobill_account_id_recurring_id_fkey FOREIGN KEY (account_id, recurring_id) REFERENCES public.recurring(account_id, recurring_id);
ALTER TABLE ONLY public.billing_model
    ADD CONSTRAINT billing_model_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.client
    ADD CONSTRAINT client_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_account_id_client_id_fkey FOREIGN KEY (account_id, client_id) REFERENCES public.client(account_id, client_id);
ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.data_key
    ADD CONSTRAINT data_key_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.data_key
    ADD CONSTRAINT data_key_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.key_check(key_id);
ALTER TABLE ONLY public.gateway
    ADD CONSTRAINT gateway_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_account_id_key_version_fkey FOREIGN KEY (account_id, key_version) REFERENCES public.data_key(account_id, version);
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_account_id_client_id_fkey FOREIGN KEY (account_id, client_id) REFERENCES public.client(account_id, client_id);
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_account_id_recurring_id_fkey FOREIGN KEY (account_id, recurring_id) REFERENCES public.recurring(account_id, recurring_id);
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_account_id_invoice_id_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES public.invoice(account_id, invoice_id);
ALTER TABLE ONLY public.listing_block
    ADD CONSTRAINT listing_block_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.recurring
    ADD CONSTRAINT recurring_account_id_client_id_fkey FOREIGN KEY (account_id, client_id) REFERENCES public.client(account_id, client_id);
ALTER TABLE ONLY public.recurring_defaults
    ADD CONSTRAINT recurring_defaults_account_id_billing_model_id_fkey FOREIGN KEY (account_id, billing_model_id) REFERENCES public.billing_model(account_id, billing_model_id);
ALTER TABLE ONLY public.recurring_defaults
    ADD CONSTRAINT recurring_defaults_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.recurring_event
    ADD CONSTRAINT recurring_event_account_id_recurring_id_fkey FOREIGN KEY (account_id, recurring_id) REFERENCES public.recurring(account_id, recurring_id);
ALTER TABLE ONLY public.recurring_line
    ADD CONSTRAINT recurring_line_account_id_recurring_id_fkey FOREIGN KEY (account_id, recurring_id) REFERENCES public.recurring(account_id, recurring_id);
ALTER TABLE ONLY public.request_count
    ADD CONSTRAINT request_count_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(account_id);
ALTER TABLE ONLY public.staff_client
    ADD CONSTRAINT staff_client_account_id_client_id_fkey FOREIGN KEY (account_id, client_id) REFERENCES public.client(account_id, client_id);
ALTER TABLE ONLY public.staff_client
    ADD CONSTRAINT staff_client_account_id_staff_id_fkey FOREIGN KEY (account_id, staff_id) REFERENCES public.staff(account_id, staff_id);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_account_id_staff_id_fkey FOREIGN KEY (account_id, staff_id) REFERENCES public.staff(account_id, staff_id);
