//! Stations against the closed forms of queueing theory.

use super::super::model::{Time, in_seconds, seconds};
use super::super::random::Random;
use super::{Heads, Log, Pool, Servers};

/// Mean wait at `count` servers when customers come by chance, and the station after them. Times in seconds.
fn mean_wait(count: usize, load: f64, service: impl Fn(&mut Random) -> f64) -> (f64, Servers) {
    const CUSTOMERS: u64 = 400_000;
    let (mut servers, mut random) = (Servers::new(count), Random::new(7));
    let (mut now, mut waited) = (0.0, 0.0);
    for _ in 0..CUSTOMERS {
        now += random.exponential(1.0 / (load * count as f64));
        let service = seconds(service(&mut random));
        waited += in_seconds(servers.serve(seconds(now), service) - service) - now;
    }
    (waited / CUSTOMERS as f64, servers)
}

#[track_caller]
fn check(measured: f64, expected: f64, tolerance: f64) {
    assert!((measured / expected - 1.0).abs() < tolerance, "{measured} instead of {expected}");
}

#[test]
fn the_wait_for_equal_services_is_that_of_m_d_1() {
    for load in [0.3, 0.6, 0.9] {
        let (wait, _) = mean_wait(1, load, |_| 1.0);
        check(wait, load / (2.0 * (1.0 - load)), 0.05);
    }
}

#[test]
fn the_wait_for_services_by_chance_is_that_of_m_m_1() {
    let (wait, _) = mean_wait(1, 0.7, |random| random.exponential(1.0));
    check(wait, 0.7 / 0.3, 0.05);
}

#[test]
fn the_wait_at_several_servers_is_erlang_s() {
    // Erlang C for 4 servers at 80 %: 0.5964 wait, for 1 / (4 × 0.2) on average.
    let (wait, _) = mean_wait(4, 0.8, |random| random.exponential(1.0));
    check(wait, 0.5964 * 1.25, 0.05);
}

#[test]
fn busy_time_is_throughput_times_service_and_the_queue_is_rate_times_wait() {
    let (wait, servers) = mean_wait(2, 0.8, |_| 1.0);
    let end: Time = servers.free.iter().map(|free| free.0).max().unwrap();
    let throughput = servers.usage.visits as f64 / in_seconds(end);
    check(servers.usage.share(2, end), throughput * 1.0 / 2.0, 1e-9);
    check(in_seconds(servers.usage.waited) / in_seconds(end), throughput * wait, 1e-3);
    assert!(servers.usage.share_max(2) > 0.9 && servers.usage.queue_max > 3);
}

#[test]
fn who_comes_first_is_served_first() {
    let mut servers = Servers::new(2);
    assert_eq!(
        [(0, 10), (0, 4), (1, 1), (2, 1), (20, 5)].map(|(now, work)| servers.serve(now, work)),
        [10, 4, 5, 6, 25]
    );
    assert_eq!((servers.usage.queue_max, servers.usage.waited, servers.usage.busy), (1, 3 + 3, 21));
}

#[test]
fn a_flush_takes_along_who_waits_when_it_begins() {
    let mut log = Log::new(10);
    assert_eq!(log.join(0, 1, 2), Some(12));
    assert_eq!([log.join(1, 2, 2), log.join(2, 3, 2)], [None, None]);
    assert_eq!(log.end(12), (vec![1], Some(26)));
    assert_eq!(log.end(26), (vec![2, 3], None));
    assert_eq!(log.join(30, 4, 0), Some(40));
    assert_eq!((log.usage.visits, log.usage.busy), (3, 36));
}

#[test]
fn connections_and_head_rows_are_given_in_order() {
    let mut pool = Pool::new(1);
    assert_eq!([pool.take(1), pool.take(2), pool.take(3)], [true, false, false]);
    assert_eq!([pool.give(), pool.give(), pool.give()], [Some(2), Some(3), None]);
    assert!(pool.take(4));
    assert_eq!((pool.queue_max, pool.used_max), (2, 1));

    let mut heads = Heads::new(2);
    assert_eq!([heads.lock(0, 1), heads.lock(1, 2), heads.lock(0, 2), heads.lock(0, 3)], [true, true, false, false]);
    assert_eq!([heads.release(0), heads.release(0), heads.release(0)], [Some(2), Some(3), None]);
    assert!(heads.lock(0, 4));
    assert_eq!(heads.blocked, 2);
}
