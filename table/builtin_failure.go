package table

// failureColumns are the records that loads could not read, a row each.
var failureColumns = []Column{
	{Name: "TimeGenerated", Type: Datetime, Doc: "When the record was rejected."},
	{Name: "Source", Type: String, Doc: "Name of the input, such as the path of a file."},
	{Name: "Line", Type: Long, Doc: "Line of the input that the record begins in, from 1; null where the row is about no record."},
	{Name: "Offset", Type: Long, Doc: "Where the record begins, in bytes of the unpacked input."},
	{Name: "Format", Type: String, Doc: "Format that the input was read as."},
	{Name: "Class", Type: String, Doc: "Kind of the reason, such as syntax or bad value; left out for a row that counts failures beyond those that are kept."},
	{Name: "Reason", Type: String, Doc: "Why the record was rejected."},
	{Name: "Computer", Type: String, Doc: "The machine that the record is from, where it is known."},
	{Name: "TargetTable", Type: String, Doc: "The table that the records were to go to, where the load named one."},
	{Name: "RawRecord", Type: String, Doc: "The record, or the beginning of it: at most 4 KiB."},
	{Name: "Count", Type: Long, Doc: "How many records the row stands for: 1, or those that were left out."},
	{Name: "Type", Type: String, Doc: "The name of the table."},
	hidden("IngestionTime", Datetime, "When Tidemark took the row in."),
}

var failureVocabulary = map[string][]string{"Type": {IngestionFailures}}

// Internal reports whether a table is about the database rather than of it:
// queries can name it, and a wildcard that does not begin with an underscore
// leaves it out.
func Internal(name string) bool { return name == IngestionFailures }
