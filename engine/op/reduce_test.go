package op_test

import "testing"

func TestReduce(t *testing.T) {
	for _, c := range [][2]string{
		{`range x from 1 to 10 step 1 | project str = strcat("foo", "Z", tostring(x)) | reduce by str`, "Pattern Count Representative\nothers 10 \n"},
		{`range x from 1 to 10 step 1 | project str = strcat("foo", "Z", tostring(x)) | reduce by str with characters="Z"`, "Pattern Count Representative\nfoo* 10 fooZ1\n"},
		{`range x from 0 to 999 step 1 | project s = strcat("MachineLearningX", tostring(x % 10)) | reduce by s with threshold=0.001, characters="X"`, "Pattern Count Representative\nMachineLearning* 1000 MachineLearningX0\n"},
		{`range x from 0 to 999 step 1 | project s = strcat("MachineLearningX", tostring(x % 10)) | reduce by s with threshold=0.9, characters="X" | summarize count(), sum(Count)`, "count_ sum_Count\n10 1000\n"},
		{`datatable(s:string)["disk 1 full", "disk 2 full", "no: route", "no: route", "alone"] | reduce by s`, "Pattern Count Representative\ndisk * full 2 disk 1 full\nno: route 2 no: route\nothers 1 \n"},
		{`datatable(s:string)["disk-1 full", "disk-1 empty", "disk-2 full"] | reduce by s with characters="-"`, "Pattern Count Representative\ndisk-1 * 2 disk-1 full\nothers 1 \n"},
		{`datatable(a:long, s:string)[1, "b 1", 2, "b 2"] | reduce kind=source by s`, "a s Pattern Count Representative\n1 b 1 b * 2 b 1\n2 b 2 b * 2 b 1\n"},
		{`datatable(s:string)[] | reduce by s`, "Pattern Count Representative\n"},
		{`datatable(s:string)["", ""] | reduce by s`, "Pattern Count Representative\n 2 \n"},
	} {
		compare(t, c[0], c[1])
	}
	for query, want := range map[string]string{
		`print x=1 | reduce by x`:                   "reduce groups texts, and this is a long",
		`print x="" | reduce by x with threshold=2`: "the threshold is a number from 0 to 1",
	} {
		if got := queryError(t, query); got != want {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
}
