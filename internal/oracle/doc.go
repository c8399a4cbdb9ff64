// Package oracle holds a test that compares our parser with Microsoft's own on
// real queries and on mutations of them: a token dropped, doubled, or swapped
// with the next. It runs where Microsoft's parser and the queries are at hand:
//
//	KUSTO_ORACLE=oracle.js KUSTO_LIB=…/@kusto/language-service-next \
//	KUSTO_QUERIES=community.jsonl go test ./internal/oracle -v
package oracle
