// Package oracle holds tests that compare us with Microsoft's own analyzer: the
// parser on real queries and on mutations of them (a token dropped, doubled, or
// swapped with the next), functions and aggregations by what calls with all
// types of arguments give, and real queries by whether they name anything that
// is unknown to us. They run where Microsoft's parser and the queries are at hand:
//
//	KUSTO_ORACLE=oracle.js KUSTO_LIB=…/@kusto/language-service-next \
//	KUSTO_QUERIES=community.jsonl go test ./internal/oracle -v
package oracle
