-- Insured persons, as social insurance keeps them, here as the province's mirror.
CREATE TABLE IF NOT EXISTS nguoi_tham_gia (
    ma_so_bhxh          char(10) PRIMARY KEY,
    so_ddcn             char(12),
    ma_the              char(15),          -- 15 characters, since 2020 also 10
    ho_ten              text NOT NULL,
    ngay_sinh           text,              -- dd/mm/yyyy, or the year alone
    gioi_tinh           smallint,          -- 1 male, 0 female
    ma_dan_toc          char(2),
    ma_tinh_ks          char(2),
    ma_xa_ks            char(5),           -- where the birth was registered, in the codes of that time
    dia_chi_lh          text,
    ma_doi_tuong        char(2),
    muc_huong           char(1),
    ma_kcb_bd           char(5),
    tu_ngay             date,
    den_ngay            date,
    ma_ho               text,
    quan_he_chu_ho      text,
    trang_thai_xac_thuc smallint NOT NULL  -- 0 not yet, 1 agrees with the population database, 2 does not, 3 closed
);
