package impure

import (
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

var _ sync.Mutex

func clock() {
	_ = time.Now()
	_ = time.Local
	go os.Getpid()
	c := make(chan int)
	c <- 1
	select {}
}

func order(m map[int]int) (sum int) {
	for k := range m {
		sum += k
	}
	for k := range m { //ringside:unordered
		sum += k
	}
	for k := range m { //ringside:unordered a sum does not depend on the order
		sum += k
	}
	for k := range maps.Keys(m) {
		sum += k
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		sum += k
	}
	type named map[int]int
	for range named(m) {
		sum++
	}
	//ringside:unordered counting
	for range named(m) {
		sum++
	}
	return sum + int(time.Unix(0, 0).Sub(time.Time{}))
}

func list(l []int) (sum int) {
	//ringside:unordered a list has an order
	for _, v := range l {
		sum += v
	}
	return sum
}
