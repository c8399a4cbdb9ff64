package vec

import "slices"

// Top returns the first limit rows of Order.
func Top(keys []Key, n, limit int) []int32 {
	if limit*4 >= n {
		rows := Order(keys, n)
		return rows[:min(limit, n)]
	}
	if limit == 0 {
		return []int32{}
	}
	cmps := Comparators(keys, n)
	less := func(a, b int32) bool {
		for _, c := range cmps {
			if d := c(a, b); d != 0 {
				return d < 0
			}
		}
		return a < b // as a stable sort has it
	}
	heap := All(limit) // the last of those held is at 0
	from, to, step := int32(limit), int32(n), int32(1)
	if keys[0].Desc { // rows mostly come in ascending order of time: the last ones win
		for i := range heap {
			heap[i] = int32(n - 1 - i)
		}
		from, to, step = int32(n-1-limit), -1, -1
	}
	for i := limit/2 - 1; i >= 0; i-- {
		sink(heap, i, less)
	}
	for row := from; row != to; row += step {
		if less(row, heap[0]) {
			heap[0] = row
			sink(heap, 0, less)
		}
	}
	slices.SortFunc(heap, func(a, b int32) int {
		if less(a, b) {
			return -1
		}
		return 1 // no two rows are equal
	})
	return heap
}

func sink(heap []int32, i int, less func(a, b int32) bool) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && less(heap[child], heap[child+1]) {
			child++
		}
		if !less(heap[i], heap[child]) {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
