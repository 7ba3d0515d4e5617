-- Patients and visits of the province's hospitals, as a hospital system of the kind that runs on Oracle keeps them.
CREATE SCHEMA IF NOT EXISTS his;
CREATE TABLE IF NOT EXISTS his.dm_benhnhan (
    mabn          varchar(20) PRIMARY KEY,
    ho_ten        varchar(200) NOT NULL,   -- upper case
    ngay_sinh     varchar(12),             -- yyyymmddHHMM, 0000 for an unknown month and day
    gioi_tinh     smallint,                -- 1 male, 0 female
    so_cccd       varchar(20),             -- personal number, identity card of nine digits or passport
    ma_quoctich   char(3),                 -- police code
    ma_dantoc     char(2),
    ma_nghe_nghiep char(5),
    dia_chi       varchar(500),
    matinh_cu_tru char(2),
    mahuyen_cu_tru char(3),                -- still filled
    maxa_cu_tru   char(5),
    dien_thoai    varchar(30),
    ma_the_bhyt   varchar(200),            -- several joined by ;
    ma_dkbd       char(5),
    gt_the_tu     varchar(12),
    gt_the_den    varchar(12),
    nhom_mau      varchar(5),
    ngay_tao      timestamp NOT NULL,
    ngay_sua      timestamp NOT NULL
);

CREATE TABLE IF NOT EXISTS his.dot_kcb (
    ma_lk            varchar(30) PRIMARY KEY,
    mabn             varchar(20) NOT NULL,
    ly_do_vv         varchar(500),
    chan_doan_vao    varchar(2000),
    chan_doan_rv     varchar(2000),
    ma_benh_chinh    varchar(7),
    ma_benh_kt       varchar(100),         -- joined by ;
    ma_doituong_kcb  varchar(4),
    ma_noi_di        char(5),
    ngay_vao         varchar(12) NOT NULL,
    ngay_ra          varchar(12),
    ket_qua_dtri     smallint,             -- 1 to 8
    ma_loai_rv       smallint,             -- 1 to 5
    ma_loai_kcb      char(2),              -- 01 to 16
    ma_khoa          varchar(10),
    ma_cskcb         char(5) NOT NULL,
    t_tongchi_bv     numeric(15,2),
    t_bhtt           numeric(15,2),
    ngay_ttoan       varchar(12)           -- set when the bill is paid, often weeks later
);
